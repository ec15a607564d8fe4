// What a reply means: unwrapped, then judged by provider codes, phrases in any language, the enhanced code and the basic
// code, in this order. The code is the weakest evidence; where nothing else speaks, unknown is the answer.
import { longestReply, type Explained, type ReplyCategory, type ReplyStage } from '../../preload/contract/smtp.ts'
import { codedCategory } from './codes.ts'
import { ofReceiving } from './english-receiving.ts'
import { ofSending } from './english-sending.ts'
import { basicCategory, enhancedCategory, tellingCategory } from './enhanced.ts'
import { otherLanguages } from './languages.ts'
import { meaningOf } from './meanings.ts'
import type { Known, Level, Phrases } from './phrase.ts'
import { comparable, decoded } from './text.ts'
import { unwrap, type Unwrapped } from './unwrap.ts'

export function explain(text: string): Explained {
  const pasted = decoded(text.slice(0, longestReply))
  const unwrapped = unwrap(pasted)
  const { code, enhanced } = codesOf(unwrapped)
  const category = categoryOf(unwrapped, { code, enhanced }, hostContext(pasted))
  const permanent = permanence(unwrapped.inner, code, enhanced)
  const { meaning, remedy } = meaningOf({ category, permanent, code, host: unwrapped.host, inner: unwrapped.inner })
  return {
    category,
    permanent,
    code,
    enhanced,
    inner: unwrapped.inner,
    meaning,
    remedy,
    stage: unwrapped.stage ?? stageBy(category),
    host: unwrapped.host,
    command: unwrapped.command,
  }
}

interface Codes {
  code: string | null
  enhanced: string | null
}

/** The innermost reply's own, else those of what stands around it. */
function codesOf({ inner, around, status }: Unwrapped): Codes {
  let code: string | null = null
  let enhanced: string | null = null
  for (const text of [inner, ...around]) {
    code ??= basicCode(text)
    enhanced ??= enhancedCode(text)
    if (code !== null) break
  }
  return { code, enhanced: enhanced ?? status }
}

function basicCode(text: string): string | null {
  const match = /^\W{0,4}([245]\d\d)(?=[ \-:;#(]|$)/.exec(text) ?? /(?:^|[\s:;>(,'"#=])([245]\d\d)(?=[ -]#?[245]\.\d{1,3}\.\d{1,3}\b)/.exec(text)
  return match?.[1] ?? null
}

function enhancedCode(text: string): string | null {
  const match = /^\W{0,4}(?:[245]\d\d[ \-:;]{1,3})?\W{0,2}([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text) ?? /#([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text) ?? /(?<![\d.\w])([45]\.[0-7]\.\d{1,3})(?![\d.]*\d|\w)/.exec(text)
  return match?.[1] ?? null
}

/** Providers whose words mean something else than others' do. */
type Context = 'icloud' | 'microsoft' | 'gmail' | null

function hostContext(text: string): Context {
  if (/\.(?:icloud|apple|me|mac)\.com\b|@(?:icloud|me|mac)\.com\b/i.test(text)) return 'icloud'
  if (/\.(?:outlook|hotmail|office365|live|protection\.outlook)\.com\b/i.test(text)) return 'microsoft'
  return /gsmtp|\.google\.com\b|gmail/i.test(text) ? 'gmail' : null
}

function categoryOf({ inner, around, stage }: Unwrapped, codes: Codes, context: Context): ReplyCategory {
  const found = judged(inner, codes, context)
  if (found !== null && !(around.length > 0 && closing.test(inner))) return atStage(found, stage)
  for (const text of around) {
    const outer = judged(text, { code: basicCode(text), enhanced: enhancedCode(text) }, context)
    if (outer !== null) return outer
  }
  return found ?? basicCategory(codes) ?? 'unknown'
}

/** What ends any failed delivery: the cause stands before it. */
const closing = /^\d{3}[^a-z]{0,12}(?:<?\S{1,200}\.\.\. )?service unavailable\W{0,3}$|^554 (?:5\.5\.1 )?(?:error: )?no valid recipients\W{0,3}$/i

/** Before RCPT no recipient was named, and after it the recipient's domain was accepted: what does not exist then is the sender's. */
function atStage(found: Known, stage: ReplyStage | null): Known {
  if (found === 'domain-invalid' && (stage === 'mail' || stage === 'data')) return 'sender-dns'
  return found === 'recipient-unknown' && stage === 'mail' ? 'sender-dns' : found
}

/** What RFC 5321 prescribes as the text of a code; where more is said after it, that is the reason. */
const formula = /requested (?:mail )?action (?:not taken|aborted)[,:]? (?:mailbox unavailable|local error in processing)?(?!.{0,3}for explanation)(?=.{0,3}[a-z]{2}.{14})/

/** Gmail's courtesies name spam and phishing whatever the reason is. */
const courtesy = /to (?:best )?(?:protect|reduce|avoid)[^.:;]{0,60}(?:spam|phishing)(?: and phishing)?(?: sent to gmail| from being sent)?,?/g

/** A page's address is weaker evidence than what is said: it names all that its help is about. */
const address = /https?:\/\/[^\s"'<>)]{1,300}/g

/** A test that was passed is no cause. */
const passed = /\b(?:(?:spf|dkim|dmarc|reputation|authentication)(?:,? (?:and )?|\/|\b))+ ?[=:]? ?(?:is |are |was |were )?(?:pass(?:ed)?|ok|good|fine|valid|successful)\b/g

/** What is denied, or only threatened for later, is no cause either. */
const denied = /(?:is|are|was|were|does|has|have)(?: ?n[o']t| not) (?:been )?(?:currently )?(?:(?:black|block|gr[ea]y)-?listed|on (?:a|any|our) (?:black|block)-?list|overloaded|over quota|full|a spammer|infected)\b|\bnot (?:an? |being |because of |due to |blocked for )*(?:black-?list\w*|block-?list\w*|spam(?:mer)?(?: rejection)?|gr[ea]y-?list\w*|over quota|blocked|(?:reputation|spam|policy|content) (?:block|problem|issue|rejection|matter))\b(?! by)|\bno (?:dnsbl|rbl|black-?list\w*|reputation|spam) (?:hits?|involved|listings?|problems?|issues?)\b|\b[\w-]{3,20} (?:does not apply|not (?:required|needed|applicable|evaluated|checked))\b|\bneither\b[^.;]{0,60}\blisted\b/g
const threat = /(?:too many (?:of these|of them|more|such)|repeated|further|continued|continuing|persistent)[^.;:]{0,60}\b(?:will|may|can|could|might)\b[^.;]{0,120}|\b(?:and|or) (?:you|your)\b[^.;,]{0,30}\b(?:gets?|(?:will|may) (?:be|get)) (?:black|block|bann)\w*/g

/** A receiver's own filter that does not work for now. */
const broken = /(?:filter|scanner|scanning|milter|database|policy server|directory|directory lookup|mail(?:box)? (?:store|database)|clamav|anti-?virus|spamd|rspamd|amavis)s? (?:is |was |has )?(?:temporarily |currently |not )*(?:unavailable|available|error|fail\w*|timeout|timed out|reachable|unreachable|down|busy|offline|dismounted|respond\w*)|(?:time-?out|timed out|unable|failed) (?:\w+ ){1,2}(?:\w+ )?(?:filter|scanner|milter)\b/

function judged(text: string, codes: Codes, context: Context): Known | null {
  const said = comparable(text).replace(formula, '').replace(courtesy, '').replace(passed, '').replace(denied, '').replace(threat, '').replace(/rfc822 ?;/g, '')
  const withoutHosts = said.replace(/(?<![\w./@-])[\w-]{1,63}(?:\.[\w-]{1,63}){2,6}(?![\w/-])/g, (name) => (/bl\.|rbl|dnsbl|spam|sorbs|barracuda|abuse|uribl|surbl|^\d|prod\.outlook|list|phish|heuristic|trojan|eicar|^(?:cat|resolver|storedrv|routing|transport|smtpsend|queue)\./.test(name) ? name : 'host.fqdn'))
  const special = inContext(said, codes, context)
  if (special !== undefined) return special
  const coded = codedCategory(said)
  if (coded !== null) return coded
  const sentence = withoutHosts.replace(address, '…')
  return (
    phrased(withoutHosts, codes, 'decisive') ??
    phrased(sentence, codes, 'certain') ??
    phrased(withoutHosts, codes, 'certain') ??
    phrased(withoutHosts, codes, 'likely') ??
    enhancedCategory(codes.enhanced) ??
    phrased(withoutHosts, codes, 'possible')
  )
}

/** Its keys are in the order of preference. */
const english: Record<Known, Phrases> = { ...ofSending, ...ofReceiving }
const order = Object.keys(english) as Known[]

function phrased(said: string, codes: Codes, strength: Level): Known | null {
  const told = tellingCategory(codes.enhanced)
  // Where two are as strong, a code that is hardly ever misused decides.
  if (told !== null && matches(told, said, strength) && plausible(told, said, codes, strength)) return told
  return order.find((category) => matches(category, said, strength) && plausible(category, said, codes, strength)) ?? null
}

function matches(category: Known, said: string, strength: Level): boolean {
  const phrases = english[category][strength] ?? []
  return phrases.some((phrase) => phrase.test(said)) || (strength === 'likely' && (otherLanguages[category]?.some((phrase) => phrase.test(said)) ?? false))
}

const aboutSender = /sender ip|postmaster verification|verification failed while|sender(?: e-?mail)? (?:address )?(?:rejected|verif|call-?out|unknown|not exist|invalid|does not exist|is unknown|is not|not )|verification failed for|unknown sender|invalid sender|sender'?s? (?:e-?mail )?(?:address|account|mailbox|domain)|from address/

/** Words that are said of something else too. */
function plausible(category: Known, said: string, { code, enhanced }: Codes, strength: Level): boolean {
  const refused = code !== null && code.startsWith('5')
  switch (category) {
    case 'connect-failed':
      return !refused || strength === 'certain' || /^\d\.4\./.test(enhanced ?? '')
    case 'recipient-unknown':
      if (code !== null && basicCategory({ code, enhanced }) === 'policy-other') return false
      // The words of RFC 5321 for 450 and 550 are the same, and its 450 means “busy, or blocked by policy”.
      if (code?.startsWith('4') && /mail ?box (?:\w+ ){0,2}(?:unavailable|not available)/.test(said)) return false
      if (code?.startsWith('4') && /temporar\w* (?:locked|suspended)/.test(said)) return false
      return !aboutSender.test(said) && !/(?:many|unusual|excessive|number of) (?:\w+ )?(?:invalid|unknown|bad|non-?existent)/.test(said) && !/temporarily (?:unavailable|not available|inaccessible)/.test(said)
    case 'sender-dns':
      return !/\b(?:spf|dkim|dmarc)\b/.test(said) && tellingCategory(enhanced) !== 'auth-policy'
    case 'domain-invalid':
      return !/^[^:]{0,120}(?:sender|client host|helo|return address|mail from)/.test(said)
    case 'server-busy':
      // A permanent code of the address, or of security, says that it was no want of service.
      if (refused && strength === 'likely' && enhanced?.startsWith('5.1.')) return false
      return !(refused && strength === 'likely' && enhanced?.startsWith('5.7.') && /service (?:\w+ )?(?:unavailable|not available)/.test(said))
    default:
      return true
  }
}

/** Phrases that mean one thing here and another there; undefined where the text is none of them. */
function inContext(said: string, { code, enhanced }: Codes, context: Context): Known | null | undefined {
  if (/recipient address(?:es)? rejected ?: access denied/.test(said)) return enhanced?.endsWith('.4.1') || context === 'microsoft' ? 'recipient-unknown' : 'policy-other'
  if (/service unavailable ?-? ?(?:please )?try again later/.test(said)) return context === 'icloud' || context === 'microsoft' ? 'server-busy' : 'greylisted'
  if (/4\.7\.1 (?:please )?try again later/.test(said) && context === null) return 'greylisted'
  if (/unrout(?:e)?able address/.test(said) && !/sender verif/.test(said)) return code === null ? 'domain-invalid' : 'recipient-unknown'
  if (code?.startsWith('4') && broken.test(said)) return 'server-busy'
  if (/dns query failed/.test(said) && !/^55\d/.test(said)) return 'dns-failure'
  return undefined
}

function permanence(inner: string, code: string | null, enhanced: string | null): boolean | null {
  if (/retrying will not succeed/i.test(inner)) return true
  const digit = (code ?? enhanced)?.[0]
  return digit === '5' ? true : digit === '4' ? false : null
}

function stageBy(category: ReplyCategory): ReplyStage | null {
  if (category === 'dns-failure' || category === 'domain-invalid') return 'dns'
  if (category === 'connect-failed') return 'connect'
  if (category === 'tls') return 'starttls'
  return category === 'expired' ? 'queue' : null
}
