-- Whose words an answer repeats: they go when those of the case do.
alter table answers add column subject text;  -- the case; null in rows of before, which go after their week
create index answers_of_subject on answers (subject);
