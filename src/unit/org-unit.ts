/** An organisational unit. */
export interface Unit {
  readonly id: string;
  readonly name?: string;
  /** Id of the unit to which it belongs. */
  readonly parent?: string;
  /** Id of its business calendar. */
  readonly calendar?: string;
  /** UTC RFC 3339; absent while the unit exists. */
  readonly retiredAt?: string;
}
