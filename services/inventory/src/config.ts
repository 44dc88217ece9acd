import { parseEnvironment, serviceEnvironment } from '@skald/service-kit';
import { z } from 'zod';

const schema = z.object(serviceEnvironment);

export type Config = z.infer<typeof schema>;

export const parseConfig = (): Config => parseEnvironment(schema, process.env);
