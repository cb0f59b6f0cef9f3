'use strict';

// Changes the clock of a process: the file named by REDRESS_TEST_CLOCK holds the milliseconds by which the clock is ahead
// of the real time. The file is read at every use of the clock.
const { readFileSync } = require('node:fs');

const file = process.env.REDRESS_TEST_CLOCK;
const RealDate = Date;
const now = () => RealDate.now() + Number(readFileSync(file, 'utf8'));

globalThis.Date = class Date extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(now());
    else super(...values);
  }

  static now() {
    return now();
  }
};
