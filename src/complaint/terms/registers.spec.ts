import { isFinalInRegister } from './registers.js';

test.each(['constructor', '__proto__', 'valueOf', 'toString', 'another register'])(
  'the register %s has no list of responses',
  (register) => {
    expect(isFinalInRegister(register, 'closed')).toBeUndefined();
  },
);

test('the list of a register says which responses are final', () => {
  expect(isFinalInRegister('CFPB', 'Closed with explanation')).toBe(true);
  expect(isFinalInRegister('cfpb', 'In progress')).toBe(false);
});
