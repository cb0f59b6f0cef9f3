const OP_MSG = 2013;

/** Offsets in a message of the protocol: its code, the length of the first document, and the name of its first field. */
const CODE_AT = 12;
const NAME_AT = 26;

/** Collects the names of the commands in the bytes that one client sends to MongoDB. */
export class CommandNames {
  private rest = Buffer.alloc(0);

  constructor(private readonly onCommand: (name: string) => void) {}

  add(bytes: Buffer): void {
    this.rest = Buffer.concat([this.rest, bytes]);
    while (this.rest.length >= 4 && this.rest.length >= this.rest.readInt32LE(0)) {
      const message = this.rest.subarray(0, this.rest.readInt32LE(0));
      if (message.readInt32LE(CODE_AT) === OP_MSG)
        this.onCommand(message.toString('latin1', NAME_AT, message.indexOf(0, NAME_AT)));
      this.rest = this.rest.subarray(message.length);
    }
  }
}
