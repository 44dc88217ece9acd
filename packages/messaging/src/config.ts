export interface ProvisionSettings {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly replication: number;
}

/** Throws naming the variable that is missing or wrong. */
export function provisionSettings(environment: NodeJS.ProcessEnv = process.env): ProvisionSettings {
  const required = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`${name} is missing: see --help`);
    return value;
  };
  const replication = Number(environment['REPLICATION_FACTOR'] ?? 1);
  if (!Number.isInteger(replication) || replication < 1)
    throw new Error('REPLICATION_FACTOR must be a whole number, 1 or more');
  return {
    brokers: required('KAFKA_BROKERS').split(','),
    registryUrl: required('SCHEMA_REGISTRY_URL'),
    replication,
  };
}
