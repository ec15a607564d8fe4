// Providers' own codes, in brackets, with a hash or as numbers: where one is there, it is better evidence than the words.
import type { Known } from './phrase.ts'

interface Coded {
  pattern: RegExp
  category: Known | ((match: RegExpMatchArray) => Known | null)
}

/** The numbers of Orange, La Poste, Libero and Virgilio, whose filter is the same; by their last group. */
const french: Record<string, Known> = { '104': 'rate-limited', '105': 'rate-limited', '120': 'sender-ptr', '420': 'sender-dns', '102': 'reputation-or-blocklist', '103': 'reputation-or-blocklist', '405': 'sender-dns', '416': 'recipient-unknown', '417': 'mailbox-full', '505': 'server-busy', '506': 'spam-content', '517': 'auth-policy' }

/** GoDaddy's. */
const ib: Record<string, Known> = {
  '007': 'rate-limited',
  '103': 'reputation-or-blocklist',
  '104': 'reputation-or-blocklist',
  '105': 'reputation-or-blocklist',
  '106': 'reputation-or-blocklist',
  '108': 'sender-ptr',
  '110': 'reputation-or-blocklist',
  '111': 'reputation-or-blocklist',
  '112': 'reputation-or-blocklist',
  '113': 'reputation-or-blocklist',
  '212': 'spam-content',
  '504': 'rate-limited',
  '506': 'sender-dns',
  '508': 'auth-policy',
  '510': 'auth-policy',
  '607': 'rate-limited',
}

/** NetEase's, explained in its help pages. */
const netease: Record<string, Known> = {
  'hl:rep': 'reputation-or-blocklist',
  'hl:mep': 'reputation-or-blocklist',
  'hl:ihu': 'reputation-or-blocklist',
  'hl:ipb': 'reputation-or-blocklist',
  'hl:icc': 'rate-limited',
  'hl:ifc': 'rate-limited',
  'hl:itc': 'rate-limited',
  'mi:dmc': 'rate-limited',
  'mi:ccl': 'rate-limited',
  'mi:sfq': 'rate-limited',
  'mi:stc': 'rate-limited',
  'mi:spf': 'auth-policy',
  'mi:spb': 'policy-other',
  'mi:cel': 'protocol-error',
  'rp:drc': 'rate-limited',
  'rp:ccl': 'rate-limited',
  'rp:qrc': 'rate-limited',
  'rp:rcl': 'rate-limited',
  'rp:trc': 'rate-limited',
  'rp:trl': 'rate-limited',
  'rp:cel': 'protocol-error',
  'rp:frl': 'policy-other',
  'dt:rbl': 'reputation-or-blocklist',
  'dt:spm': 'spam-content',
  'dt:sum': 'policy-other',
}

/** Microsoft's access-denied numbers 5.7.500 to 5.7.799 and their 4.7 sisters. */
function microsoft(type: string, detail: number): Known | null {
  if (detail === 509 || detail === 515) return 'auth-policy'
  if (detail >= 321 && detail <= 325) return 'tls'
  if (detail === 506) return 'sender-ptr'
  if (detail === 512) return 'protocol-error'
  if (detail === 750) return 'policy-other'
  if (detail === 705 || detail === 232 || detail === 233) return 'rate-limited'
  if (detail === 650 || detail === 651 || detail === 708) return 'reputation-or-blocklist'
  if (type === '5' && ((detail >= 606 && detail <= 649) || [501, 502, 503, 507, 508, 511, 513].includes(detail))) return 'reputation-or-blocklist'
  return null
}

const table: Coded[] = [
  { pattern: /\b([45])\.7\.(\d{3})\b(?!\.\d)/, category: ([, type = '', detail]) => microsoft(type, Number(detail)) },
  { pattern: /\b4\.7\.[56]\d\d\b.{0,200}(?:\(as\d+\)|server busy)|\b4\.7\.500\b/, category: 'rate-limited' },
  { pattern: /\b5\.2\.12[12]\b/, category: 'rate-limited' },
  { pattern: /\(s(?:31\d\d|7\d\d|8\d\d)\)/, category: 'reputation-or-blocklist' },
  { pattern: /\b(?:rp-00\d|sc-00\d|dy-00\d|ou-00\d)\b/, category: 'reputation-or-blocklist' },
  { pattern: /\[(?:tss?|ipts|bl)\d\d\]/, category: 'reputation-or-blocklist' },
  { pattern: /[[(]gl\d\d[\])]/, category: 'greylisted' },
  { pattern: /\[ph\d\d\]/, category: 'spam-content' },
  { pattern: /\(au\d\d\)|\[au\d\d\]/, category: 'auth-policy' },
  { pattern: /\brtr:rd\b/, category: 'sender-ptr' },
  { pattern: /\b(?:rtr:(?:bb|du|sc|bl|ch)|con:b\d|dyn:t\d|rly:b[123l]|rly:(?:ch|sn|ir))\b/, category: 'reputation-or-blocklist' },
  { pattern: /\b(?:hvu:b\d|rly:bd)\b/, category: 'spam-content' },
  { pattern: /\[(?:cs|hm)\d\d\]/, category: 'policy-other' },
  { pattern: /\baup#cxdns\b/, category: 'sender-ptr' },
  { pattern: /\baup#in-(\d{4})\b/, category: ([, digits]) => (Number(digits) >= 1300 && Number(digits) <= 1340 ? 'rate-limited' : digits?.startsWith('13') ? 'reputation-or-blocklist' : null) },
  { pattern: /\baup#(?:cxbl|cdrbl|bl)\b/, category: 'reputation-or-blocklist' },
  { pattern: /\bbl00\d{4}\b/, category: 'reputation-or-blocklist' },
  { pattern: /\bdm00\d{4}\b/, category: 'auth-policy' },
  { pattern: /\brl00\d{4}\b/, category: 'rate-limited' },
  { pattern: /\b(?:#|pt)00\d{4}.{0,40}ptr|\bpt00\d{4}\b/, category: 'sender-ptr' },
  { pattern: /\b(?:ofr|lpn|lib|vir)\d*_(\d{3})\b/, category: ([, digits = '']) => french[digits] ?? null },
  { pattern: /\bib(\d{3})\b/, category: ([, digits = '']) => ib[digits] ?? null },
  { pattern: /(?<![a-z])((?:hl|mi|rp|dt):[a-z]{3})\b/, category: ([, code = '']) => netease[code] ?? null },
  { pattern: /\b(?:dnsbl:(?:att)?rbl)\b/, category: 'reputation-or-blocklist' },
  { pattern: /problem occurred.{0,120}\((?:bl|nowl)\)|\bip=\S{1,40} - a problem occurred|a problem occurred\. \(ask your postmaster/, category: 'reputation-or-blocklist' },
]

/** Of a text in the form of text.ts's `comparable`. */
export function codedCategory(comparable: string): Known | null {
  for (const { pattern, category } of table) {
    const match = pattern.exec(comparable)
    if (!match) continue
    const found = typeof category === 'function' ? category(match) : category
    if (found !== null) return found
  }
  return null
}
