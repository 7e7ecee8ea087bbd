-- Cases: requests that must get an answer. Their changes are the truth, this is what they come to.
create table cases (
    id text collate "C" primary key,
    version bigint not null,
    topic text not null,
    urgency text not null,
    caller text,
    clinic text,
    state text not null,
    owner text not null,
    due bigint not null,         -- milliseconds since the Unix epoch
    opened_at bigint not null,
    closed_at bigint,            -- null while it is not closed
    masked bigint not null default 0, -- whether it was erased who asked for what
    body text not null           -- the case as JSON
);
create index cases_of_caller on cases (caller, id);
create index cases_of_owner on cases (owner, id);
create index cases_of_topic on cases (topic, id);
create index cases_by_closing on cases (closed_at) where closed_at is not null;
create index cases_by_due on cases (state, due, id);

create table case_changes (
    id text collate "C" not null,
    version bigint not null,
    at bigint not null,
    who text not null,
    body text not null,          -- the change as JSON
    primary key (id, version)
);

-- What organisations are still to be told. Letters of one lane go out one after another.
create table outbox (
    seq bigint primary key,
    delivery text not null unique,
    lane text not null,
    organisation text not null,
    channel text not null,
    urgent bigint not null,
    subject text not null,       -- the case
    at bigint not null,
    body text not null,
    tries bigint not null,
    next_at bigint not null,
    state text not null,         -- waiting, taken, given-up
    done_at bigint,
    trouble text                 -- of the last try
);
create index outbox_waiting on outbox (lane, seq) where state = 'waiting';

-- Answers that were given to programs, so that a request that is repeated does nothing twice.
create table answers (
    token text not null,
    mark text not null,          -- the Idempotency-Key
    request text not null,       -- a hash of the request
    status bigint not null,
    body text not null,
    at bigint not null,
    primary key (token, mark)
);
create index answers_by_time on answers (at);

-- Who may use the API. Of a token only its hash is kept.
create table tokens (
    name text primary key,
    role text not null,
    hash text not null unique,
    organisation text,
    made_at bigint not null,
    revoked_at bigint
);

-- Who has looked at what.
create table audit (
    at bigint not null,
    who text not null,
    what text not null,
    subject text not null
);
create index audit_by_time on audit (at);
