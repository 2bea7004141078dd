"""How a reply gets its text, from the model and its tools, how it is handed to the voice, and when it is complete."""

from dataclasses import replace

from assistant.core.cutting import reply_gone
from assistant.core.effects import CallTool, Generate, Presynthesise, SaveTurn, Speak
from assistant.core.history import Turn, TurnStatus
from assistant.core.ledger import parley_ended
from assistant.core.sentences import clause_starts, speakable
from assistant.core.state import Phase, Reply, State
from assistant.core.tool_calls import CallParser, ToolResult, ToolUse

WORTH_AN_OFFER = 2
"""Fewer unheard sentences than this are not worth the question whether to go on."""


def speak_more(s: State) -> None:
    """Hand the sentences that are complete to the voice, unless the reply is not (or no longer) to be heard.

    Of a speculative reply, the first one is synthesised and held.
    """
    reply = s.reply
    if reply is None or reply.silenced or s.loudspeaker is None:
        return
    for number in range(reply.scanned, len(reply.turn.spans)):
        span = reply.turn.spans[number]
        text = speakable(reply.turn.text[span.start : span.end])
        if reply.speculative and (text or reply.held):
            _hold(s, reply, number, text)
            return
        reply.scanned += 1
        if text:
            reply.asked = number + 1
            s.emit(Speak(reply.epoch, number, text, clause_starts(text)))


def _hold(s: State, reply: Reply, number: int, text: str) -> None:
    if not reply.held:
        reply.held = True
        s.emit(Presynthesise(reply.epoch, number, text, clause_starts(text)))


def text_over(s: State, at: float) -> None:
    """The model has stopped writing: tools are called for it, or the reply is complete."""
    reply = s.reply
    if reply is None:
        return
    write(s, reply.parser.flush())
    reply.calls = list(reply.parser.calls)
    if len(reply.turn.uses) > s.options.max_tool_calls:
        reply.calls.clear()  # it was told that it may not call more, and insists
    if not reply.calls:
        finish_text(s, at)
        return
    reply.turn.spans.extend(reply.splitter.flush())
    speak_more(s)
    if not reply.speculative:
        call_tools(s, at)


def write(s: State, text: str) -> None:
    """Append to the text of the reply; each sentence that is complete is spoken."""
    reply = s.reply
    if reply is not None and text:
        reply.turn.text += text
        reply.turn.spans.extend(reply.splitter.feed(text))
        speak_more(s)


def call_tools(s: State, at: float) -> None:
    """Run the next call of the reply; when there is none, the model goes on with what the tools have answered."""
    reply = s.reply
    if reply is None:
        return
    turn = reply.turn
    while reply.calls:
        s.calls += 1
        call = replace(reply.calls.pop(0), number=s.calls)
        use = ToolUse(call, at=len(turn.text))
        turn.uses.append(use)
        if len(turn.uses) > s.options.max_tool_calls:
            use.finish(ToolResult.failed(s.phrases.too_many_calls))
            reply.calls.clear()
        elif not call.name:
            use.finish(ToolResult.failed(s.phrases.bad_call))
        else:
            reply.use = use
            s.emit(CallTool(reply.text_epoch, call))
            return
    go_on_writing(s, reply)


def go_on_writing(s: State, reply: Reply) -> None:
    """Let the model write on, with the results of its calls before it."""
    reply.parser = CallParser()
    messages = s.history.messages(s.system_prompt, writing=reply.turn)
    if reply.turn.text:
        write(s, "" if reply.turn.text[-1].isspace() else " ")
    s.emit(Generate(reply.text_epoch, messages))


def finish_text(s: State, at: float) -> None:
    """No more text of the reply comes: what is left of it is its last sentence."""
    if s.reply is not None:
        s.reply.generated = True
        s.reply.turn.spans.extend(s.reply.splitter.flush())
        speak_more(s)
        complete_if_done(s, at)


def complete_if_done(s: State, at: float) -> None:
    """End the reply if all of it was generated and spoken (or shown, where it cannot be spoken)."""
    reply = s.reply
    if reply is None or reply.speculative or not reply.generated:
        return
    if not reply.silenced and reply.finished < reply.asked:
        return
    turn = reply.turn
    if not reply.silenced:  # where there is no loudspeaker, what was shown counts as heard
        turn.status = TurnStatus.COMPLETE
        turn.heard = len(turn.text)
        parley_ended(s, reply, reply.silent_at)
    s.reply = None
    if turn.spans or turn.uses:
        s.emit(SaveTurn(turn.number))
    else:
        s.history.turns.remove(turn)
    reply_gone(s, at, reply)
    if turn.status is TurnStatus.COMPLETE and s.phase is Phase.LISTENING:
        s.offer = _worth_offering(s, reply.after)


def _worth_offering(s: State, turn: Turn | None) -> Turn | None:
    """`turn`, where the user may want the rest of it and has not been asked."""
    if not s.options.offer_to_continue or turn is None or turn.offered or not turn.can_continue:
        return None
    return turn if len(turn.rest) >= WORTH_AN_OFFER else None
