"""Works with cases by a client that was generated from the line's own description of its API.

Arguments: the address of the API, a token.
"""

import sys

from line122_client import AuthenticatedClient
from line122_client.api.agents import list_agents
from line122_client.api.calls import list_call_backs, list_calls
from line122_client.api.cases import (
    answer_case,
    close_case,
    hand_over_case,
    list_cases,
    note_case,
    open_case,
    read_case,
    read_case_changes,
)
from line122_client.models import (
    HandOver,
    NewAnswer,
    NewCase,
    NewClosing,
    NewNote,
    ResultName,
    StateName,
    UrgencyName,
)

address, token = sys.argv[1:]
client = AuthenticatedClient(base_url=address, token=token, raise_on_unexpected_status=True)

new = NewCase(topic="home-visit", text="Температура третий день", phone="8 912 345-67-89")
case = open_case.sync(client=client, body=new, idempotency_key="first")
again = open_case.sync(client=client, body=new, idempotency_key="first")
assert (again.id, again.version) == (case.id, 1), again
assert case.state == StateName.OPEN and case.urgency == UrgencyName.ORDINARY, case
assert case.phone == "+79123456789", case

found = list_cases.sync(client=client, phone="+7 912 345-67-89", state="open")
assert [one.id for one in found.cases] == [case.id], found

note_case.sync(case.id, client=client, body=NewNote(text="Просил звонить после шести"))
to = HandOver(version=2, to="agent:201", note="Знает пациента")
assert hand_over_case.sync(case.id, client=client, body=to).state == StateName.HANDED_OVER
answer = NewAnswer(version=3, text="Врач придёт завтра")
assert answer_case.sync(case.id, client=client, body=answer).answer.text == "Врач придёт завтра"

# What is wrong comes back as a problem, not as an exception of the client.
stale = close_case.sync(case.id, client=client, body=NewClosing(version=2, result=ResultName.HELPED))
assert stale.type_ == "urn:line122:problem:stale" and stale.version == 4, stale

closing = NewClosing(version=4, result=ResultName.HELPED)
assert close_case.sync(case.id, client=client, body=closing).state == StateName.CLOSED
assert read_case.sync(case.id, client=client).closing.result == ResultName.HELPED
changes = read_case_changes.sync(case.id, client=client).changes
assert [one.what for one in changes] == ["opened", "noted", "handed-over", "answered", "closed"]

assert list_agents.sync(client=client).agents[0].duty in ("on", "off", "break")
assert list_calls.sync(client=client).calls == []
assert list_call_backs.sync(client=client).call_backs == []
print("done", case.id)
