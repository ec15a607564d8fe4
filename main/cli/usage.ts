// What the verbs' help and options have in common.
import { type Command, InvalidArgumentError, type Option } from 'commander'

export function example(...lines: string[]): string {
  return `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text)
    if (!/^\d+$/.test(text) || number < least || number > most)
      throw new InvalidArgumentError(most === Number.MAX_SAFE_INTEGER ? `It is a whole number from ${least}.` : `It is a whole number from ${least} to ${most}.`)
    return number
  }
}

/** The same words with the verbs in front, since commander knows a flag only behind the verb that has it. */
export function verbsFirst(edgewise: Command, words: readonly string[]): string[] {
  const valued = new Set(optionsOf(edgewise).flatMap(({ required, long }) => (required ? [long] : [])))
  const arranged = (command: Command, rest: string[]): string[] => {
    const at = rest.findIndex((word, place) => !word.startsWith('-') && !(place > 0 && valued.has(rest[place - 1])))
    const verb = command.commands.find((one) => one.name() === rest[at])
    return verb && !rest.slice(0, at).includes('--') ? [verb.name(), ...arranged(verb, rest.toSpliced(at, 1))] : rest
  }
  return arranged(edgewise, [...words])
}

/** Its own and those of all its verbs. */
const optionsOf = (command: Command): readonly Option[] => [...command.options, ...command.commands.flatMap(optionsOf)]
