-- alone_until: the last message of those that were in hand together, and nothing else, from alone_offset on.
ALTER TABLE messaging.progress ADD COLUMN alone_until bigint;
