"""The pieces that conversations are made of, as good agents lead them."""

from __future__ import annotations

from typing import Final

from callpolicy.simulator.call import QUEUE_OF, TEAMS_OF, Call

# The switch's measure of one centre: agents end 18 contacts where callers end 82 (NORM 1.1).
_AGENT_ENDS: Final = 0.18
_HELD: Final = 0.15
_TRANSFERRED: Final = 0.06
_QUESTIONS: Final = (("ask_digits", "tell_digits"), ("ask_since", "tell_since"), ("ask_ready", "tell_ready"))


def answer(call: Call) -> None:
    """Let an agent take the contact and greet."""
    match call.channel:
        case "phone":
            call.wait(3, 45)
        case "chat":
            call.wait(5, 90)
        case _:
            call.wait(300, 5400)
    call.record("answered", agent=None)
    if call.channel != "mail":
        call.say("agent", "greeting")


def ask(call: Call) -> None:
    """Let the caller say what the contact is about, and the agent look it up."""
    call.say_need()
    if call.channel != "mail":
        call.say("agent", "check")
        if call.chance(0.5):
            call.say("caller", "go_ahead")
        call.wait(2, 20)


def work(call: Call, rounds: int) -> None:
    """Go through the matter in up to three questions, on hold or passed on at times."""
    if call.channel == "phone" and call.chance(_HELD):
        hold(call)
    if call.channel != "mail" and call.chance(_TRANSFERRED):
        transfer(call)
    for question, reply in call.rng.sample(_QUESTIONS, rounds if call.channel != "mail" else 0):
        call.say("agent", question)
        call.say("caller", reply)
        call.wait(2, 25)
    call.say("agent", "answer")


def hold(call: Call, least: float = 15, most: float = 150) -> None:
    """Put the caller on hold and take the call back. Units: seconds."""
    call.say("agent", "hold")
    call.record("held", on=True)
    call.wait(least, most)
    call.record("held", on=False)
    call.say("agent", "back")


def transfer(call: Call) -> None:
    """Pass the contact on to a colleague, who knows what was said."""
    call.say("agent", "transfer")
    queue = call.rng.choice(sorted(set(QUEUE_OF.values())))
    call.record("transferred", queue=queue, team=call.rng.choice(TEAMS_OF[queue]), agent=None)
    call.wait(1, 8)
    call.say("agent", "took_over")


def complete(call: Call) -> None:
    """Finish an ordinary service: done, nothing else needed, good-bye."""
    call.wait(0.5, 3)
    call.mark("service_completed", on=True)
    if call.channel == "mail":
        call.wait(1, 20)
        call.record("ended", by="agent", cause="completed")
        return
    call.say("agent", "anything_else")
    call.say("caller", "nothing_else")
    call.mark("no_further_needs", on=True)
    call.say("agent", "goodbye")
    part(call)


def part(call: Call) -> None:
    """End a finished conversation: mostly the caller does, else the agent after two quiet seconds (NORM 2.1)."""
    if call.chance(_AGENT_ENDS):
        call.quiet(2.1, 6)
        end(call, "agent")
    else:
        call.wait(0.2, 1.8)
        end(call, "caller")


def end(call: Call, by: str) -> None:
    """End a contact that was answered."""
    call.record("ended", by=by, cause="hang_up" if call.channel == "phone" else "completed")


def abandon(call: Call, least: float, most: float) -> None:
    """Let the caller give up before anybody answers. Units: seconds."""
    call.wait(least, most)
    call.record("ended", by="caller", cause="abandoned")


def fail(call: Call) -> None:
    """Let the line break."""
    call.record("ended", by="system", cause="failed")


def soothe(call: Call) -> None:
    """Let the agent soothe an angry caller."""
    call.say("agent", "soothe")
    call.mark("soothed")


def warn(call: Call) -> int | None:
    """Let the agent remind the caller of the rules; give the place of the reminder."""
    call.say("agent", "warn")
    return call.mark("warned")


def explain(call: Call, reason: str = "explain") -> None:
    """Let the agent explain."""
    call.say("agent", reason)
    call.mark("explained", topic=call.topic)


def insist(call: Call) -> int | None:
    """Let the caller not accept the explanation; give the place where that is marked."""
    call.say("caller", "insist")
    call.wait(0.2, 2)
    return call.mark("explanation_rejected")


def escalate(call: Call, to: str) -> None:
    """Let the agent bring in somebody else."""
    call.say("agent", "escalate")
    call.record("escalated", to=to)


def judge(call: Call, class_: str, kind: str | None) -> None:
    """Let the agent note after the call of what class it was."""
    call.wait(1, 8)
    call.mark("judged", **{"class": class_, "kind": kind, "by": "agent"})
