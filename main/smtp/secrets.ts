// What must not be seen: the parts of an authentication, in whatever form they went on the wire or come back.
export const mask = '********'

/** Shorter ones would blot out half of a transcript that only has their letters by chance. */
const shortest = 4

export class Secrets {
  private known: string[] = []

  add(...secrets: string[]): void {
    const forms = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')])
    this.known = [...new Set([...this.known, ...forms])].filter((form) => form.length >= shortest).sort((a, b) => b.length - a.length)
  }

  /** Hosts repeat what they do not understand, so replies are masked too. */
  masked(text: string): string {
    let shown = text
    for (const secret of this.known) shown = shown.replaceAll(secret, mask)
    return shown
  }
}
