// bridge.ps1 read with a real PowerShell grammar: it has no error, and holds exactly the operations and cmdlets of protocol.ts.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { Language, type Node, Parser } from 'web-tree-sitter'
import { operations } from '../../../main/transport/exchange/protocol.ts'

const text = readFileSync(join(import.meta.dirname, '../../../main/transport/exchange/bridge.ps1'), 'utf8')
let parser: Parser
let root: Node

beforeAll(async () => {
  await Parser.init()
  parser = new Parser()
  parser.setLanguage(await Language.load(createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')))
  root = parsed(text)
})

function parsed(script: string): Node {
  const tree = parser.parse(script)
  if (!tree) throw new Error('The grammar gave no tree.')
  return tree.rootNode
}

const all = (node: Node, type: string): Node[] => node.descendantsOfType(type).filter((one) => one !== null)
const commandsIn = (node: Node) => [...new Set(all(node, 'command_name').map((one) => one.text))]

it('is PowerShell without an error, and the grammar would say so', () => {
  expect(root.hasError).toBe(false)
  expect(parsed(text.replace('while (', 'while (((')).hasError).toBe(true)
})

it('is ASCII: without a byte order mark anything else is read in the code page of the machine', () => {
  expect(/^[\n\x20-\x7e]*$/.test(text)).toBe(true)
})

/** Functions of the script's own, with the commands that they use. */
const own = () => new Map(all(root, 'function_statement').map((one) => [all(one, 'function_name')[0]?.text ?? '', one]))

/** Those that a piece of script comes to use, by way of the script's own functions. */
function cmdletsOf(node: Node, functions = own(), seen = new Set<string>()): string[] {
  return commandsIn(node).flatMap((name) => {
    const body = functions.get(name)
    if (!body) return [name]
    if (seen.has(name)) return []
    seen.add(name)
    return cmdletsOf(body, functions, seen)
  })
}

function table(): Map<string, Node> {
  const [operationsTable] = all(root, 'hash_literal_expression').filter((one) => one.text.includes("'describe' ="))
  if (!operationsTable) throw new Error('bridge.ps1 has no table of operations.')
  const entries = all(operationsTable, 'hash_entry').filter((one) => /^'[\w.]+' = \{/.test(one.text))
  return new Map(entries.map((one) => [/^'([\w.]+)'/.exec(one.text)?.[1] ?? '', one]))
}

/** Of the language itself, of any machine. */
const plain = ['New-Object', 'Where-Object', 'ForEach-Object', 'Measure-Object']

it('has the operations of protocol.ts and no other, each with its cmdlets and no other', () => {
  const found = Object.fromEntries([...table()].map(([name, entry]) => [name, [...new Set(cmdletsOf(entry))].filter((one) => !plain.includes(one)).sort()]))
  const allowed = Object.fromEntries(Object.entries(operations).map(([name, { cmdlets }]) => [name, [...new Set(cmdlets)].sort()]))
  expect(found).toEqual(allowed)
})

it('uses nothing else to load Exchange', () => {
  const load = own().get('Import-Exchange')
  expect(load && commandsIn(load).sort()).toEqual(['Add-PSSnapin', 'Get-Command', 'Get-Content', 'Get-PSSnapin', 'Import-Module', 'Join-Path', 'New-Object', 'Test-Path'])
})

it('takes neither a command nor script text from outside', () => {
  expect(text).not.toMatch(/Invoke-Expression|\biex\b|ScriptBlock\]::Create|InvokeScript|AddScript|ExpandString/i)
  // What is called by “&” is the table's own block, or one that a function of this script was given.
  expect([...text.matchAll(/& (\$\w+)/g)].map(([, name]) => name)).toEqual(['$deed', '$deed', '$operation'])
  expect(text).toContain("$operation = $operations[[string]$request['op']]")
})

it('never asks: what changes something goes without a question and ends with its error', () => {
  const changing = all(root, 'command').filter((one) => /^(Set|Suspend|Resume|Remove|Retry)-/.test(one.text) && !one.text.startsWith('Set-Transport'))
  expect(changing.length).toBeGreaterThan(5)
  for (const one of changing) expect(one.text).toMatch(/@splat|-Confirm:\$false.*-ErrorAction Stop/)
  expect(text.match(/Confirm = \$false/g)?.length).toBeGreaterThanOrEqual(3)
})

it('restarts no directory: of ADAM it only reads the state', () => {
  expect([...text.matchAll(/ADAM_MSExchange/g)]).toHaveLength(1)
  expect(text).toMatch(/\(Get-Service -Name 'ADAM_MSExchange' -ErrorAction SilentlyContinue\)\.Status/)
})
