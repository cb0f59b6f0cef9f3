'use strict';

// Lets a test move the clock of a process: REDRESS_TEST_CLOCK names a file with the milliseconds that it is ahead.
const { readFileSync } = require('node:fs');

const file = process.env.REDRESS_TEST_CLOCK;
const RealDate = Date;
const now = () => RealDate.now() + Number(readFileSync(file, 'utf8'));

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }

  static now() {
    return now();
  }
};
