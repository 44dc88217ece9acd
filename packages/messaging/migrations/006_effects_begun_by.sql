-- Who has begun an effect. An effect that was adopted, begun and adopted back belongs to its first owner again, who may
-- still be about to begin it: it must not.
ALTER TABLE messaging.effects ADD COLUMN started_by uuid;
