// What a reply means: unwrapped, then judged by provider codes, phrases in any language, the enhanced code and the basic
// code, in this order. The code is the weakest evidence; where nothing else speaks, unknown is the answer. What rests on
// weak evidence or none is shown to the learnt judge (judge.ts).
import type { Explained, ReplyCategory, ReplyStage } from '../../preload/contract/smtp.ts'
import { codedCategory } from './codes.ts'
import { ofReceiving } from './english-receiving.ts'
import { ofSending } from './english-sending.ts'
import { basicCategory, enhancedCategory, tellingCategory } from './enhanced.ts'
import { basicCode, enhancedCode, heard, type Codes } from './heard.ts'
import { cluesOf, opinionOf } from './judge.ts'
import { otherLanguages } from './languages.ts'
import { meaningOf } from './meanings.ts'
import type { Known, Level, Phrases } from './phrase.ts'
import { comparable } from './text.ts'
import type { Unwrapped } from './unwrap.ts'

export function explain(text: string): Explained {
  const { pasted, unwrapped, codes } = heard(text)
  const category = reconsidered(categoryOf(unwrapped, codes, hostContext(pasted)), unwrapped, codes)
  const permanent = permanence(unwrapped.inner, codes.code, codes.enhanced)
  const { meaning, remedy } = meaningOf({ category, permanent, code: codes.code, host: unwrapped.host, inner: unwrapped.inner })
  return {
    category,
    permanent,
    ...codes,
    inner: unwrapped.inner,
    meaning,
    remedy,
    stage: unwrapped.stage ?? stageBy(category),
    host: unwrapped.host,
    command: unwrapped.command,
  }
}

/** What a judgement rests on, from the strongest to none. */
type Evidence = 'provider' | 'context' | Level | 'telling' | 'enhanced' | 'basic' | 'nothing'

interface Judged {
  category: Known
  by: Evidence
}

interface Finding {
  category: ReplyCategory
  by: Evidence
}

/** The judge is not asked where a provider's own code, his ways, words that mean one thing only, or a code that nobody misuses have decided. */
const beyondDoubt = new Set<Evidence>(['provider', 'context', 'decisive', 'telling'])
/**
 * Judged with each file of test/smtp/replies left out in turn: where it deems one cause this likely, 97 of 100
 * answers are right.
 */
const sure = 0.8
/** In the same way it deems another cause so many times likelier than the right one for 2 of 100 replies that weak evidence decides. */
const contrary = 20

/** Of a single word, such as “550 No”, only the code would be judged. */
const saysTooLittle = (inner: string) => (inner.match(/[\p{L}\p{M}'-]{2,}/gu) ?? []).length < 2 && !/[^\0-\u024f]/.test(inner)

function reconsidered({ category, by }: Finding, { inner, stage }: Unwrapped, codes: Codes): ReplyCategory {
  if (beyondDoubt.has(by) || saysTooLittle(inner)) return category
  const opinion = opinionOf(cluesOf(inner, codes, stage))
  const likeliest = opinion.chances[opinion.category]
  const contradicted = by === 'nothing' || likeliest > contrary * opinion.chances[category]
  if (!contradicted) return category
  if (likeliest < sure || opinion.category === 'unknown') return 'unknown'
  return atStage(opinion.category, stage)
}

/** Providers whose words mean something else than others' do. */
type Context = 'icloud' | 'microsoft' | 'gmail' | null

function hostContext(text: string): Context {
  if (/\.(?:icloud|apple|me|mac)\.com\b|@(?:icloud|me|mac)\.com\b/i.test(text)) return 'icloud'
  if (/\.(?:outlook|hotmail|office365|live|protection\.outlook)\.com\b/i.test(text)) return 'microsoft'
  return /gsmtp|\.google\.com\b|gmail/i.test(text) ? 'gmail' : null
}

function categoryOf({ inner, around, stage, local }: Unwrapped, codes: Codes, context: Context): Finding {
  const found = judged(inner, codes, context)
  // A filter of our own that cannot be reached is a trouble of the mail system.
  if (found?.category === 'connect-failed' && local) return { ...found, category: 'server-busy' }
  if (stage === 'auth' && (found === null || found.category === 'server-busy' || found.category === 'protocol-error')) return { category: 'policy-other', by: 'context' }
  if (found !== null && !(around.length > 0 && closing.test(inner))) return { ...found, category: atStage(found.category, stage) }
  for (const text of around) {
    const outer = judged(text, { code: basicCode(text), enhanced: enhancedCode(text) }, context)
    if (outer !== null) return outer
  }
  if (found !== null) return found
  const basic = explained(inner, codes) && codes.code?.[1] !== '3' ? null : basicCategory(codes)
  return { category: basic ?? 'unknown', by: basic === null ? 'nothing' : 'basic' }
}

/** So many words would tell of what the code means, if that were meant. */
const wordy = /(?:[\p{L}']{2,}[^\p{L}]{1,20}){2}\p{L}{2}/u

/** Whether more is said than the codes; where both of them are of the protocol, they are believed. */
const explained = (text: string, { code, enhanced }: Codes): boolean =>
  wordy.test(withoutNames(text)) && !(code?.[1] === '0' && enhanced?.[2] === '5') && !/\b(?:commands?|verbs?|reset|sequence|order|parameters?|arguments?|turn|vrfy|expn|etrn|data|bdat|decode|parse)\b/i.test(text)

const withoutNames = (text: string): string => text.replace(/<[^<>]{0,320}>|\S{1,100}@\S{1,200}|https?:\S{1,300}|[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}/g, ' ')

/** What ends any failed delivery: the cause stands before it. */
const closing = /^\d{3}[^a-z]{0,12}(?:<?\S{1,200}\.\.\. )?service unavailable\W{0,3}$|^554 (?:5\.5\.1 )?(?:error: )?no valid recipients\W{0,3}$/i

/** Before RCPT no recipient was named, and after it the recipient's domain was accepted: what does not exist then is the sender's. */
function atStage(found: Known, stage: ReplyStage | null): Known {
  if (found === 'domain-invalid' && (stage === 'mail' || stage === 'data')) return 'sender-dns'
  if (stage === 'helo' && (found === 'domain-invalid' || found === 'recipient-unknown' || found === 'sender-dns')) return 'sender-ptr'
  return found === 'recipient-unknown' && stage === 'mail' ? 'sender-dns' : found
}

/** What RFC 5321 prescribes as the text of a code; where more is said after it, that is the reason. */
const formula = /requested (?:mail )?action (?:not taken|aborted)[,:]? (?:mailbox unavailable|local error in processing)?(?!.{0,3}for explanation|.{0,5}smtp error)(?=.{0,3}[a-z]{2}.{14})/

/** Gmail's courtesies name spam and phishing whatever the reason is. */
const courtesy = /to (?:best )?(?:protect|reduce|avoid)[^.:;]{0,60}(?:spam|phishing)(?: and phishing)?(?: sent to gmail| from being sent)?,?/g

/** A page's address is weaker evidence than what is said: it names all that its help is about. */
const address = /https?:\/\/ ?[^\s"'<>)]{1,300}/g

/** Whose mail it was is no subject of what follows. */
const addressed = /\b(?:message|mail|e-?mail)s? (?:sent )?(?:to|for) <?addr@>?/g

/** Names of files are nobody's reason. */
const path = /(?<![\w:/.])\/(?:[\w.%+-]{1,80}\/){1,12}[\w.%+-]{0,120}/g

/** A test that was passed is no cause. */
const passed = /\b(?:(?:spf|dkim|dmarc|reputation|authentication)(?:,? (?:and )?|\/|\b))+ ?[=:]? ?(?:is |are |was |were )?(?:pass(?:ed)?|ok|good|fine|valid|successful)\b/g

/** What is denied, or only threatened for later, is no cause either. */
const denied = /(?:is|are|was|were|does|has|have)(?: ?n[o']t| not) (?:been )?(?:currently )?(?:(?:black|block|gr[ea]y)-?listed|on (?:a|any|our) (?:black|block)-?list|overloaded|over quota|full|a spammer|infected)\b|\bnot (?:an? |being |because of |due to |blocked for )*(?:black-?list\w*|block-?list\w*|spam(?:mer)?(?: rejection)?|gr[ea]y-?list\w*|over quota|blocked|(?:reputation|spam|policy|content) (?:block|problem|issue|rejection|matter))\b(?! by)|\bno (?:dnsbl|rbl|black-?list\w*|reputation|spam) (?:hits?|involved|listings?|problems?|issues?)\b|\b[\w-]{3,20} (?:does not apply|not (?:required|needed|applicable|evaluated|checked))\b|\bneither\b[^.;]{0,60}\blisted\b/g
const threat = /(?:too many (?:of these|of them|more|such)|repeated|further|continued|continuing|persistent)[^.;:]{0,60}\b(?:will|may|can|could|might)\b[^.;]{0,120}|\b(?:and|or) (?:you|your)\b[^.;,]{0,30}\b(?:gets?|(?:will|may) (?:be|get)) (?:black|block|bann)\w*/g

/** A receiver's own filter that does not work for now. */
const broken = /(?:filter|scanner|scanning|milter|database|policy server|directory|directory lookup|mail(?:box)? (?:store|database)|clamav|anti-?virus|spamd|rspamd|amavis)s? (?:is |was |has )?(?:temporarily |currently |not )*(?:unavailable|available|error|fail\w*|timeout|timed out|reachable|unreachable|down|busy|offline|dismounted|respond\w*)|(?:time-?out|timed out|unable|failed) (?:\w+ ){1,2}(?:\w+ )?(?:filter|scanner|milter)\b/

/** What a reader is to do next: it names much that may be wrong, or where to ask. */
const advice = /(?:^|[.;!?)] |[:-] )(?:if (?:you|this|the problem)\b|please\b|for (?:more|further|assistance|help|details|information)|(?:to|you can|you may|in order to) (?:request|resolve|be removed|unblock|delist|have)\b|contact\b|see\b|visit\b|refer to|learn more|check (?:your|that|with)|make sure|ensure)(?:[^.;!?]|\.(?=\w)){0,400}/g

/** Host names are nobody's reason, but those of lists and of what a transport calls its exceptions. */
const hostName = /(?<![\w./@-])[\w-]{1,63}(?:\.[\w-]{1,63}){2,6}(?![\w/-])/g
const tellingName = /bl\.|rbl|dnsbl|spam|sorbs|barracuda|abuse|uribl|surbl|^\d|prod\.outlook|list|phish|heuristic|trojan|eicar|^(?:cat|resolver|storedrv|routing|transport|smtpsend|queue)\./

function judged(text: string, codes: Codes, context: Context): Judged | null {
  const whole = comparable(text)
    .replace(addressed, 'message')
    .replace(path, '/path')
    .replace(/\bsender('s)? (?=ip\b|host\b|server\b|mta\b)/g, 'client$1 ')
    .replace(/rfc822 ?;/g, '')
  const said = [formula, courtesy, passed, denied, threat].reduce((rest, noCause) => rest.replace(noCause, ''), whole)
  const special = inContext(said, codes, context)
  if (special !== undefined) return by('context', special)
  return by('provider', codedCategory(said)) ?? worded(said, text, codes) ?? (formula.test(whole) ? worded(whole, text, codes) : null)
}

const by = (evidence: Evidence, category: Known | null): Judged | null => (category === null ? null : { category, by: evidence })

function worded(said: string, text: string, codes: Codes): Judged | null {
  const withoutHosts = said.replace(hostName, (name) => (tellingName.test(name) ? name : 'host.fqdn'))
  const sentence = withoutHosts.replace(address, '…')
  const statement = sentence.replace(advice, '. ')
  const protocol = /^4\.5\.[0-24-6]$/.test(codes.enhanced ?? '')
  return (
    by('decisive', phrased(statement, codes, 'decisive') ?? phrased(withoutHosts, codes, 'decisive')) ??
    by('certain', phrased(statement, codes, 'certain') ?? phrased(sentence, codes, 'certain') ?? phrased(withoutHosts, codes, 'certain')) ??
    by('telling', tellingCategory(codes.enhanced)) ??
    by('likely', phrased(withoutHosts, codes, 'likely')) ??
    by('enhanced', protocol && explained(text, codes) ? null : enhancedCategory(codes.enhanced)) ??
    by('possible', phrased(withoutHosts, codes, 'possible')) ??
    by('enhanced', codes.enhanced === '4.3.0' ? 'server-busy' : null)
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

const aboutSender = /message sending|outgoing (?:mail|message)|sender ip|postmaster verification|verification failed while|sender(?: e-?mail)? (?:address )?(?:rejected|verif|call-?out|unknown|not exist|invalid|does not exist|is unknown|is not|not )|verification failed for|unknown sender|invalid sender|sender'?s? (?:e-?mail )?(?:address|account|mailbox|domain)|from address/

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
      if (code?.startsWith('4') && /temporar\w* (?:locked|suspended)|unable to (?:verify|validate)/.test(said)) return false
      if (/address in (?:the )?['"]?(?:from|to\b|cc\b|sender|reply|header)/.test(said)) return false
      return !aboutSender.test(said) && !/(?:many|unusual|excessive|number of) (?:\w+ )?(?:invalid|unknown|bad|non-?existent)/.test(said) && !/temporarily (?:unavailable|not available|inaccessible)/.test(said)
    case 'sender-dns':
      return !/\b(?:spf|dkim|dmarc)\b/.test(said) && tellingCategory(enhanced) !== 'auth-policy'
    case 'domain-invalid':
      return !/^[^:]{0,120}(?:sender|client host|helo|return address|mail from)/.test(said)
    case 'server-busy':
      // A permanent code of the address, or of security, says that it was no want of service.
      if (refused && strength === 'likely' && enhanced?.startsWith('5.1.')) return false
      // Sendmail's name for any failure that is permanent.
      if (code === null && enhanced?.startsWith('5') && /^service unavailable\W*$/.test(said)) return false
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
