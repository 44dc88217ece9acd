import pg from 'pg';

/** bigint as number, as the kernel reads it: what is counted here stays far below 2^53. */
export const postgresTypes: pg.CustomTypesConfig = {
  getTypeParser: (id, format) =>
    id === pg.types.builtins.INT8
      ? (text: string) => Number(text)
      : (pg.types.getTypeParser(id, format as 'text') as (text: string) => unknown),
};
