// The rehearsal in the real window: chosen, watched, played by hand or as a whole; and the quiz that hides its cause.
import type { Page } from '@playwright/test'
import { axeIsClean } from './axe.ts'
import { actions, details, dialog, rehearsalBar, rows, tree } from './console.ts'
import { causes, endRehearsal, findOutWhy, headline, looked, openPage, outcome, rehearse, startAnew, target } from './troubleshooter.ts'
import { expect, inOneWindow as test } from './window.ts'

test.beforeEach(({ opened: { page } }) => startAnew(page))

const quiz = (page: Page) => dialog(page, 'Quiz')
const main = (page: Page) => page.getByRole('main')

/** The quiz with the scenario that chance picks. */
async function openQuiz(page: Page, scenario: string): Promise<void> {
  await openPage(page)
  const place = await page.getByRole('listbox', { name: 'Scenario:' }).evaluate((list: HTMLSelectElement, wanted) => ([...list.options].findIndex(({ value }) => value === wanted) + 0.5) / list.options.length, scenario)
  await page.evaluate((chance) => {
    const random = Math.random
    Math.random = () => {
      Math.random = random
      return chance
    }
  }, place)
  await page.getByRole('button', { name: 'Quiz me' }).click()
  await expect(rehearsalBar(page)).toContainText('Quiz:', { timeout: 40_000 })
}

/** Words, tooltips and names for ears, all over the window. */
const everyWord = (page: Page) =>
  page.evaluate(() => [document.title, document.body.textContent, ...[...document.querySelectorAll('*')].flatMap((one) => [one.getAttribute('title'), one.getAttribute('aria-label'), one.getAttribute('aria-description')])].join('\n'))

const answer = async (page: Page, label: string) => {
  await rehearsalBar(page).getByRole('button', { name: 'Name the cause …' }).press('Enter')
  await quiz(page).getByRole('listbox').selectOption({ label })
  await page.keyboard.press('Enter')
}

test('nothing in the window names the cause of a quiz, wherever it is looked; named rightly, all of it shows', async ({ opened: { page } }) => {
  await openQuiz(page, 'wrong-adapter')
  const hidden = /wrong adapter|dns-wrong-adapter|use-adapter|Ask the DNS servers of/i
  await expect(rows(page)).toHaveCount(2)
  await expect(details(page)).toContainText('451 4.4.0')
  expect(await everyWord(page)).not.toMatch(hidden)

  await actions(page).getByRole('button', { name: 'Queue Viewer' }).click()
  const queues = page.getByRole('grid', { name: 'Queues' })
  await queues.getByRole('row', { name: /example\.test/ }).click()
  const queue = page.getByRole('region', { name: 'Queue example.test' })
  await expect(queue).toContainText('451 4.4.0')
  await expect(queue).toContainText('told once the quiz is answered')
  await expect(queue).not.toContainText('What to do:')
  expect(await everyWord(page)).not.toMatch(hidden)
  await queues.focus()
  await page.keyboard.press('?')
  await expect(target(page)).toHaveValue('example.test')
  await expect(outcome(page)).toContainText('hidden until the quiz is answered', { timeout: 30_000 })
  // What is said for ears only comes a moment later.
  await expect(page.getByRole('main').getByRole('status').first()).toHaveText('All checks have ended.')
  await expect(looked(page)).toContainText('finding')
  expect(await everyWord(page)).not.toMatch(hidden)
  await expect(outcome(page).getByRole('button')).toHaveCount(0)
  await axeIsClean(page)

  await answer(page, 'The transport asks the wrong adapter')
  await expect(quiz(page).getByRole('status')).toContainText('Right: you said “The transport asks the wrong adapter”.')
  await expect(quiz(page).getByRole('list', { name: 'Evidence', exact: true })).toContainText('203.0.113.53')
  await axeIsClean(page)
  await page.keyboard.press('Escape')
  await expect(rehearsalBar(page)).toContainText('The transport asks the DNS servers of the wrong adapter')
  await expect(rehearsalBar(page).getByRole('listitem').first()).toContainText('done')
  await expect(causes(page).first()).toContainText('dns-wrong-adapter')
  await rehearsalBar(page).getByRole('button', { name: 'Show the answer …' }).press('Enter')
  await expect(quiz(page)).toContainText('dns-wrong-adapter')
})

test('a quiz is given up, with its evidence gathered then; ended unanswered, the next one hides its own', async ({ opened: { page } }) => {
  await openQuiz(page, 'host-refusing')
  // Whose edge server is selected makes no difference.
  await rows(page).first().click()
  await rehearsalBar(page).getByRole('button', { name: 'Name the cause …' }).press('Enter')
  await quiz(page).getByRole('button', { name: 'I give up' }).click()
  await expect(quiz(page).getByRole('status')).toContainText('This is what it was')
  await expect(quiz(page).getByRole('list', { name: 'Evidence', exact: true })).toContainText('refuses connections to port 25', { timeout: 30_000 })
  await page.keyboard.press('Escape')
  await endRehearsal(page)

  await openQuiz(page, 'queue-suspended')
  await rehearsalBar(page).getByRole('button', { name: 'Name the cause …' }).press('Enter')
  await expect(quiz(page).getByRole('listbox')).toBeVisible()
  await quiz(page).getByRole('button', { name: 'Cancel' }).click()
  await tree(page).getByRole('row', { name: 'Mail Flow Troubleshooter' }).click()
  await expect(outcome(page)).toHaveCount(0)
})

test('where nothing is wrong, that is the answer', async ({ opened: { page } }) => {
  await openQuiz(page, 'healthy')
  await expect(rehearsalBar(page)).toContainText('Name the cause, or say that there was none.')
  await expect(rehearsalBar(page)).not.toContainText('Nothing is wrong')
  await answer(page, 'Nothing is wrong')
  await expect(quiz(page).getByRole('status')).toContainText('Right: you said “Nothing is wrong”.')
  await expect(quiz(page)).toContainText('Nothing is wrong here.')
})

test('mail that was returned has its evidence too', async ({ opened: { page } }) => {
  await openQuiz(page, 'domain-null-mx')
  await answer(page, 'The domain does not exist')
  await expect(quiz(page).getByRole('status')).toContainText('Not right')
  await expect(quiz(page).getByRole('list', { name: 'Evidence', exact: true })).toContainText('The domain takes no mail', { timeout: 30_000 })
  await quiz(page).getByRole('button', { name: 'Open the troubleshooter' }).click()
  await expect(causes(page).first()).toContainText('domain-null-mx', { timeout: 30_000 })
})

test('ended while it is diagnosed, it leaves nothing; the next rehearsal shows nothing of the one before', async ({ opened: { page, complaints } }) => {
  await rehearse(page, 'wrong-adapter-silent')
  await rehearsalBar(page).getByRole('button', { name: 'Find out why' }).click()
  await expect(looked(page).locator('[data-state=ended]').first()).toBeVisible()
  await endRehearsal(page)
  await expect(main(page)).toContainText('All checks run at once')
  await expect(main(page).getByRole('alert')).toHaveCount(0)
  await expect(looked(page)).toHaveCount(0)

  await rehearse(page, 'queue-suspended')
  await findOutWhy(page)
  await expect(causes(page).first()).toContainText('queue-suspended')
  await tree(page).getByRole('row', { name: 'Edge Transport' }).click()
  await endRehearsal(page)
  await rehearse(page, 'host-refusing')
  await tree(page).getByRole('row', { name: 'Mail Flow Troubleshooter' }).click()
  await expect(main(page)).toContainText('All checks run at once')
  await expect(outcome(page)).toHaveCount(0)
  expect(complaints).toEqual([])
})

test('“Find out why” is about the rehearsal, whichever edge server is selected', async ({ opened: { page } }) => {
  await rehearse(page, 'host-refusing')
  await rows(page).first().click()
  await findOutWhy(page)
  await expect(causes(page).first()).toContainText('host-refusing')
  await expect(page.getByRole('combobox', { name: 'Edge server' })).toHaveValue('rehearsal')
})

test('what is under way can be cancelled, and says so; the remedy is left to whoever plays', async ({ opened: { page } }) => {
  await openPage(page)
  await page.getByRole('listbox', { name: 'Scenario:' }).selectOption('wrong-adapter-silent')
  await page.getByRole('button', { name: 'Play it for me' }).press('Enter')
  await page.getByRole('region', { name: 'What happens' }).getByRole('button', { name: 'Cancel' }).click()
  await expect(main(page)).toContainText('Cancelled. Nothing of it is left on this machine.', { timeout: 30_000 })
  await axeIsClean(page)
  await expect(page.getByRole('button', { name: 'Play it for me' })).toBeEnabled()

  await page.getByRole('listbox', { name: 'Scenario:' }).selectOption('recipient-unknown')
  await page.getByRole('button', { name: 'Play it for me' }).press('Enter')
  const played = page.getByRole('region', { name: 'Outcome' })
  await expect(played).toContainText('Tell the sender (tell-sender)', { timeout: 40_000 })
  await expect(played).not.toContainText('Expected')
  await axeIsClean(page)
})

test('a target that is none is told with what to type; one without mail is looked at all the same', async ({ opened: { page } }) => {
  await rehearse(page, 'healthy')
  await tree(page).getByRole('row', { name: 'Mail Flow Troubleshooter' }).click()
  await target(page).fill('nonsense')
  await page.keyboard.press('Enter')
  await expect(main(page).getByRole('alert')).toContainText('“nonsense” is no domain, mail address, queue or message')
  await expect(main(page).getByRole('button', { name: 'Find out', exact: true })).toBeEnabled()
  await axeIsClean(page)
  await target(page).fill('a b@example.test')
  await page.keyboard.press('Enter')
  await expect(main(page).getByRole('alert')).toContainText('cannot be looked at')
  await target(page).fill('carol@example.test')
  await page.keyboard.press('Enter')
  await expect(headline(page)).toHaveText('Nothing wrong found', { timeout: 30_000 })
  await expect(main(page).getByRole('alert')).toHaveCount(0)
})

test('the view is left and come back to while it looks; asked twice quickly, the second answer stands', async ({ opened: { page } }) => {
  await rehearse(page, 'wrong-adapter-silent')
  await rehearsalBar(page).getByRole('button', { name: 'Find out why' }).click()
  await expect(looked(page).locator('[data-state=ended]').first()).toBeVisible()
  await tree(page).getByRole('row', { name: 'Queue Viewer' }).click()
  await expect(looked(page)).toHaveCount(0)
  await tree(page).getByRole('row', { name: 'Mail Flow Troubleshooter' }).click()
  await expect(main(page).getByRole('progressbar', { name: 'Finding out' })).toBeVisible()
  await rehearsalBar(page).getByRole('button', { name: 'Find out why' }).click()
  await actions(page).getByRole('button', { name: 'Why is mail delayed?' }).click()
  await expect(causes(page).first()).toContainText('dns-wrong-adapter', { timeout: 30_000 })
  // Each check stands once, whatever came of the rounds before.
  const titles = await looked(page).locator('.check-title').allTextContents()
  expect(new Set(titles).size).toBe(titles.length)
  await expect(looked(page)).not.toContainText(/cut short|under way/)
})
