/** As the order service has it. */
export type Status = 'PENDING' | 'CONFIRMED' | 'CANCELLED';
