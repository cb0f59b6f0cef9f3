/** A value that JSON represents without loss: no undefined, NaN, bigint, Date or Map. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = { readonly [key: string]: Json };
