-- Links by which somebody comes to the desk of an agent without a password: volunteers for a shift or a month.
create table invitations (
    id text collate "C" primary key,  -- sixteen hexadecimal digits; later ones are higher
    hash text not null unique,        -- of its secret
    agent text not null,              -- whose desk it opens
    topics text,                      -- the queues that the desk takes, with commas; all of the agent's if null
    made_by text not null,
    made_at bigint not null,          -- milliseconds since the Unix epoch, as all times
    expires_at bigint not null,
    revoked_at bigint
);
