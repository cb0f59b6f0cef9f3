import { errorsOf, Leg, Trip, validateTrip } from '../../test/support/trip.js';
import { fieldsOf } from './fields.js';

describe('the fields of a class', () => {
  test('converts the former spelling of a code, and does not list it', () => {
    expect(validateTrip({ by: 'railway' })).toMatchObject({ ok: true, value: { by: 'train' } });
    expect(validateTrip({ by: 'bicycle' })).toMatchObject({
      errors: [{ pointer: '/by', code: 'not_in_list', message: 'by must be one of car, train' }],
    });
  });

  test('rejects the former name of a field with the present one', () => {
    expect(validateTrip({ via: 'car' })).toMatchObject({
      errors: [{ pointer: '/via', code: 'unknown_field', message: 'via has the name by now; use that name' }],
    });
  });

  test('returns an instance of the class, with instances of nested classes and with moments', () => {
    const result = validateTrip({
      tags: ['a', '菜凉了'],
      crew: ['p:1'],
      by: 'car',
      seats: 3,
      paid: false,
      first: { from: 'a' },
      legs: [{ from: 'a', note: '🙂🙂🙂🙂🙂' }],
      at: '2026-11-22T09:30:00+08:00',
      currency: 'CNY',
    });
    if (!result.ok) throw new Error(JSON.stringify(result.errors));
    expect(result.value).toBeInstanceOf(Trip);
    expect(result.value.first).toBeInstanceOf(Leg);
    expect(result.value.legs?.[0]).toBeInstanceOf(Leg);
    expect(result.value.at).toEqual({ precision: 'instant', at: '2026-11-22T01:30:00.000Z' });
  });

  test('converts names to Unicode form NFC', () => {
    expect(validateTrip({ shop: 'Cafe\u0301 \u00fc' })).toMatchObject({
      ok: true,
      value: { shop: 'Caf\u00e9 \u00fc' },
    });
    expect(validateTrip({ shop: '４７１１' })).toMatchObject({ ok: true, value: { shop: '４７１１' } });
  });

  test('accepts every zone that the schema of the document lists, and days around a skipped one', () => {
    const { type } = fieldsOf(Trip).get('in') ?? {};
    const zones = (type?.kind === 'string' ? type.schema.enum : []) as readonly string[];
    expect(zones).toEqual(
      expect.arrayContaining([
        'UTC',
        'Asia/Kolkata',
        'Asia/Calcutta',
        'Europe/Kyiv',
        'US/Eastern',
        'Etc/GMT-8',
        'Asia/Ho_Chi_Minh',
      ]),
    );
    const rejected = zones.filter((zone) => !validateTrip({ in: zone, at: { day: '2026-11-22', zone } }).ok);
    expect(rejected).toEqual([]);
    for (const day of ['2011-12-29', '2011-12-31'])
      expect(validateTrip({ at: { day, zone: 'Pacific/Apia' } })).toMatchObject({ ok: true });
    expect(validateTrip({ at: { day: '2011-12-30', zone: 'Asia/Shanghai' } })).toMatchObject({ ok: true });
  });

  test('accepts currencies in use', () => {
    for (const money of ['CNY', 'EUR', 'JPY', 'KWD']) expect(validateTrip({ money })).toMatchObject({ ok: true });
    for (const money of ['XXX', 'XTS', 'XAU', 'DEM']) expect(validateTrip({ money })).toMatchObject({ ok: false });
  });

  test('accepts a day in a time zone instead of an instant', () => {
    expect(validateTrip({ at: { day: '2024-02-29', zone: 'Asia/Shanghai' } })).toMatchObject({
      ok: true,
      value: { at: { precision: 'day', day: '2024-02-29', zone: 'Asia/Shanghai' } },
    });
  });

  test.each<[string, object, string[]]>([
    ['a missing field', { title: undefined }, ['/title required']],
    ['null for two fields', { title: null, seats: null }, ['/title not_null', '/seats not_null']],
    ['blank text', { title: ' \n\u00a0' }, ['/title empty']],
    ['text that has too many code points', { title: '🙂'.repeat(11) }, ['/title too_long']],
    ['control characters', { title: 'a\u0007' }, ['/title control_character']],
    ['half of a surrogate pair', { title: 'a\ud83d' }, ['/title lone_surrogate']],
    ['a name that is half of a surrogate pair', { '\ud83d': 1 }, ['/\ufffd unknown_field']],
    ['text of nothing but zero width', { title: '\u200b\u200b' }, ['/title empty']],
    ['text of nothing but a combining mark', { title: ' \u0301' }, ['/title empty']],
    ['a line feed in a name', { shop: 'a\nb' }, ['/shop control_character']],
    ['a tab in a name', { shop: 'a\tb' }, ['/shop control_character']],
    ['a blank before a name', { shop: '\u00a04711' }, ['/shop blank_at_end']],
    ['a blank after a name', { shop: '4711 ' }, ['/shop blank_at_end']],
    ['zero width in a name', { shop: '47\u200b11' }, ['/shop invisible_character']],
    ['a line separator in a name', { shop: '47\u202811' }, ['/shop invisible_character']],
    ['a name that is too long', { shop: 'e\u0301'.repeat(6) }, ['/shop too_long']],
    ['a day that the calendar does not have', { on: '2026-02-30' }, ['/on impossible_date']],
    ['a month that does not exist', { on: '2014-13-01' }, ['/on impossible_date']],
    ['a year of a day out of range', { on: '1899-12-31' }, ['/on out_of_range']],
    ['a day with a time', { on: '2026-02-28T00:00:00Z' }, ['/on wrong_form']],
    ['an unknown zone', { in: 'Asia/Atlantis' }, ['/in unknown_zone']],
    ['an offset for the name of a zone', { in: '+05:07' }, ['/in unknown_zone']],
    ['another spelling of a zone', { in: 'asia/shanghai' }, ['/in unknown_zone']],
    ['letters that are not the code of a currency', { money: 'ZZZ' }, ['/money unknown_currency']],
    ['a currency in lower case', { money: 'cny' }, ['/money unknown_currency']],
    ['a leap second', { at: '2016-12-31T23:59:60Z' }, ['/at impossible_date']],
    ['a second of another minute', { at: '2026-06-15T10:30:60Z' }, ['/at impossible_date']],
    ['a day that its zone skipped', { at: { day: '2011-12-30', zone: 'Pacific/Apia' } }, ['/at impossible_date']],
    [
      'the same day in an old name of a zone',
      { at: { day: '1994-12-31', zone: 'Pacific/Enderbury' } },
      ['/at impossible_date'],
    ],
    ['a number for text', { title: 1 }, ['/title wrong_type']],
    ['a list for text', { title: ['a'] }, ['/title wrong_type']],
    ['an object for text', { title: { toString: 'a' } }, ['/title wrong_type']],
    [
      'invalid items of a list of texts',
      { tags: ['a', '', 'bbbbb', 3] },
      ['/tags/1 empty', '/tags/2 too_long', '/tags/3 wrong_type'],
    ],
    ['too many texts', { tags: Array.from({ length: 101 }, () => 'a') }, ['/tags too_many']],
    ['a text for a list', { tags: 'a' }, ['/tags wrong_type']],
    ['an object for a list', { tags: { 0: 'a', length: 1 }, legs: {} }, ['/tags wrong_type', '/legs wrong_type']],
    ['too few ids', { crew: [] }, ['/crew too_few']],
    ['too many ids', { crew: ['a', 'b', 'c'] }, ['/crew too_many']],
    ['ids that are empty or have a space', { crew: ['a b', ''] }, ['/crew/0 wrong_form', '/crew/1 wrong_form']],
    ['a code that is not in the list', { by: 'boat' }, ['/by not_in_list']],
    ['a fraction', { seats: 1.5 }, ['/seats wrong_type']],
    ['a text for a number', { seats: '1' }, ['/seats wrong_type']],
    ['a number out of range', { seats: 10 }, ['/seats out_of_range']],
    ['an infinite number', { seats: 1e400 }, ['/seats wrong_type']],
    ['a text for a boolean', { paid: 'true' }, ['/paid wrong_type']],
    ['a text that does not have the required form', { currency: 'cny' }, ['/currency wrong_form']],
    ['a text for an object', { first: 'a' }, ['/first wrong_type']],
    ['a list for an object', { first: [{ from: 'a' }] }, ['/first wrong_type']],
    ['null for an object', { first: null }, ['/first not_null']],
    ['an unknown name in a nested object', { first: { from: 'a', to: 'b' } }, ['/first/to unknown_field']],
    ['errors in a nested object', { first: { note: 'too long' } }, ['/first/from required', '/first/note too_long']],
    ['an empty list', { legs: [] }, ['/legs too_few']],
    [
      'items that are not objects',
      { legs: [null, 'a', [{ from: 'a' }]] },
      ['/legs/0 wrong_type', '/legs/1 wrong_type', '/legs/2 wrong_type'],
    ],
    ['an error in an item of a list', { legs: [{ from: 'a' }, { from: '' }] }, ['/legs/1/from wrong_form']],
    ['a time without offset', { at: '2026-11-22T09:30:00' }, ['/at offset_missing']],
    ['a date without zone', { at: '2026-11-22' }, ['/at offset_missing']],
    ['a day that does not exist', { at: '2026-02-29T09:30:00Z' }, ['/at impossible_date']],
    ['an hour that does not exist', { at: '2026-02-28T25:30:00Z' }, ['/at impossible_date']],
    ['text that is not a time', { at: 'yesterday' }, ['/at wrong_form']],
    ['a number for a time', { at: 1_700_000_000 }, ['/at wrong_type']],
    ['a year out of range', { at: '1899-12-31T23:59:59Z' }, ['/at out_of_range']],
    ['a calendar day that does not exist', { at: { day: '2026-02-29', zone: 'UTC' } }, ['/at impossible_date']],
    ['a day that is not YYYY-MM-DD', { at: { day: '29.2.2026', zone: 'UTC' } }, ['/at/day wrong_form']],
    ['a day without its zone', { at: { day: '2026-02-28' } }, ['/at/zone required']],
    ['a number for a day', { at: { day: 20260228, zone: 'UTC' } }, ['/at/day wrong_type']],
    ['an unknown zone', { at: { day: '2026-02-28', zone: 'Asia/Atlantis' } }, ['/at/zone unknown_zone']],
    ['an offset for a zone', { at: { day: '2026-02-28', zone: '+08:00' } }, ['/at/zone unknown_zone']],
    [
      'a time in the form of a stored moment',
      { at: { precision: 'instant', at: 'x' } },
      ['/at/precision unknown_field', '/at/at unknown_field'],
    ],
    ['a list for a required time', { stop: { at: [] } }, ['/stop/at wrong_type']],
    [
      'a day with a wrong type and an unknown name',
      { stop: { at: { day: {}, zone: 'UTC', x: 1 } } },
      ['/stop/at/day wrong_type', '/stop/at/x unknown_field'],
    ],
    ['several errors at once', { title: 3, by: 3, x: 1 }, ['/x unknown_field', '/title wrong_type', '/by wrong_type']],
  ])('rejects %s', (_what, fields, errors) => {
    expect(errorsOf({ title: 'home', ...fields })).toEqual(errors);
  });
});
