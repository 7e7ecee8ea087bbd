-- Who is logged in at the pages. Of a session's secret only its hash is kept.
create table sessions (
    hash text primary key,
    name text not null,               -- of the account, or what a provider calls them
    role text not null,
    of_whom text,                     -- the agent or the organisation
    from_elsewhere bigint not null,   -- 1 if a provider knows them
    began_at bigint not null,         -- milliseconds since the Unix epoch, as all times
    seen_at bigint not null,
    invitation text,                  -- by which they came
    ends_at bigint                    -- when that ends
);
