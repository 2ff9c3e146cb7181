/** An expression that cannot be evaluated on this data: where python-jmespath raises. */
export class SelectorFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SelectorFault'
  }
}
