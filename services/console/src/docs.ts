import type { RouteDocs } from '@skald/service-kit';

const elsewhere = 'The request comes from another page than ours (`urn:skald:problem:other-origin`)';

export const loggingIn: RouteDocs = {
  problems: {
    403: `That is not the operator’s token (\`urn:skald:problem:wrong-token\`). ${elsewhere}`,
    429: 'Too many wrong tokens within a minute',
  },
  examples: { token: { summary: 'As the services have it', value: { token: 'the-operators-token' } } },
};

export const loggingOut: RouteDocs = { problems: { 403: elsewhere } };

export const payload: RouteDocs = {
  problems: {
    403: 'What travels in this topic says something about a person (`urn:skald:problem:personal-data`)',
    404: 'Nothing lies there any more',
  },
};

export const streaming: RouteDocs = {
  problems: { 503: 'Too many are looking already, or the console stops' },
};

export const operating: RouteDocs = {
  problems: { 401: 'For operators: the session’s cookie is missing (`urn:skald:problem:operator-only`)' },
};
