// Elevation with a double in place of pkexec, sudo, UAC and osascript: the command, and three ways to fail.
import { expect, it } from 'vitest'
import { elevatedCommand, elevator, type Prompt } from '../../main/app/elevate.ts'

const id = '3f2a9c1e-0000-4000-8000-000000000001'
const order = { id, seal: 'ab'.repeat(32) }
const parts = { program: '/opt/Edgewise/edgewise', script: '/opt/Edgewise/resources/app.asar/out/main/cli.js', where: { home: '/home/o\'neil/$(rm -rf ~)/"edge"', transport: 'embedded', configDir: null } } as const
const prompting = (prompt: Prompt) => elevator({ ...parts, prompt })(order)

it('runs this same program with one verb, the id and the seal of what was shown, and no word of the user’s', () => {
  expect(elevatedCommand(parts, order)).toBe(
    `"/opt/Edgewise/edgewise" "/opt/Edgewise/resources/app.asar/out/main/cli.js" changes write-journalled ${id} ${order.seal} --transport embedded --home-hex ${Buffer.from(parts.where.home).toString('hex')}`,
  )
  const postfix = { ...parts, where: { home: '/home/a', transport: 'postfix' as const, configDir: '/etc/postfix; reboot' } }
  expect(elevatedCommand(postfix, order)).toMatch(new RegExp(`--transport postfix --home-hex ${Buffer.from('/home/a').toString('hex')} --config-dir-hex ${Buffer.from('/etc/postfix; reboot').toString('hex')}$`))
  expect(elevatedCommand(postfix, { service: 'restart' })).toMatch(/cli\.js" service restart --transport postfix --home-hex [0-9a-f]+ --config-dir-hex [0-9a-f]+$/)
  expect(() => elevatedCommand(parts, { ...order, id: `${id}; reboot` })).toThrow('not the id of a change')
  expect(() => elevatedCommand(parts, { ...order, seal: '$(reboot)' })).toThrow('not the seal of a change')
  expect(() => elevatedCommand({ ...parts, program: '/opt/$(reboot)/edgewise' }, order)).toThrow('a shell would misread')
})

it('is done when the command is', async () => {
  await prompting((command, { name, env }, done) => {
    expect(command).toContain('write-journalled')
    expect({ name, env }).toEqual({ name: 'Edgewise', env: { ELECTRON_RUN_AS_NODE: '1' } })
    done(undefined, '', '')
  })
})

it.each([
  ['User did not grant permission.', 'needs-administrator', /were declined/],
  ['No polkit authentication agent found.', 'needs-administrator', /no authentication agent runs/],
  ['Unable to find pkexec or kdesudo.', 'needs-administrator', /no authentication agent runs/],
  ['Command failed', 'failed', /could not be written with an administrator’s rights: the disk is full/],
])('tells “%s” in its own words', async (message, code, sentence) => {
  await expect(prompting((_command, _options, done) => done(new Error(message), '', 'the disk is full'))).rejects.toMatchObject({ code, message: expect.stringMatching(sentence) })
})
