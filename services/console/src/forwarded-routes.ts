/** A route of a service that the page may ask for. */
export interface ForwardedRoute {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** The service's own path. */
  readonly path: string;
  readonly summary: string;
  /** Its answer is written as it goes. */
  readonly isLong?: true;
}

export interface ForwardedService {
  readonly service: string;
  /** What stands before its paths here. */
  readonly prefix: string;
  /** Whether the operator's token is needed. */
  readonly isOperating: boolean;
  readonly routes: readonly ForwardedRoute[];
}

/** All that the page may ask of the services: what isn't here, it can't. */
export const forwardedServices: readonly ForwardedService[] = [
  {
    service: 'order',
    prefix: '/api',
    isOperating: false,
    routes: [
      { method: 'POST', path: '/orders', summary: 'Place an order' },
      { method: 'GET', path: '/orders', summary: 'Orders, newest first' },
      { method: 'GET', path: '/orders/:orderId', summary: 'An order and its history' },
      {
        method: 'POST',
        path: '/orders/:orderId/cancel',
        summary: 'Cancel an order that is not confirmed yet',
      },
    ],
  },
  {
    service: 'inventory',
    prefix: '/api',
    isOperating: false,
    routes: [
      { method: 'GET', path: '/stock', summary: 'Stock, by SKU' },
      { method: 'GET', path: '/stock/:sku', summary: 'Stock of a SKU' },
    ],
  },
  {
    service: 'order-view',
    prefix: '/api/order-view',
    isOperating: false,
    routes: [
      { method: 'GET', path: '/orders', summary: 'Orders of the read model' },
      { method: 'GET', path: '/orders/stream', summary: 'Changes of the read model', isLong: true },
      { method: 'GET', path: '/orders/:orderId', summary: 'An order of the read model' },
      { method: 'GET', path: '/orders/:orderId/timeline', summary: 'What happened to an order' },
    ],
  },
  {
    service: 'dead-letters',
    prefix: '/api',
    isOperating: true,
    routes: [
      { method: 'GET', path: '/dead-letters', summary: 'Dead letters, newest first' },
      { method: 'GET', path: '/dead-letters/:group/:topic/:partition/:offset', summary: 'One dead letter' },
      {
        method: 'PUT',
        path: '/dead-letters/:group/:topic/:partition/:offset/value',
        summary: 'Edit its value',
      },
      { method: 'POST', path: '/tries', summary: 'Say what redrives would do', isLong: true },
      { method: 'POST', path: '/redrives', summary: 'Send dead letters back', isLong: true },
      { method: 'POST', path: '/discards', summary: 'Give dead letters up', isLong: true },
      { method: 'GET', path: '/audit-log', summary: 'Who did what to dead letters' },
    ],
  },
];
