"""What is said in English. Slots: {amount}, {day}, {tail} (last digits), {hours}, {section}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "card_lost": (
        "I can't find my card, it ends in {tail}. Can you stop it please?",
        "I lost my wallet on {day} and the card was in it.",
    ),
    "card_fee": (
        "There is a fee of {amount} yuan on my statement and I don't know what it is for.",
        "You took {amount} yuan from my account on {day}. What was that?",
    ),
    "transfer_failed": (
        "I sent {amount} yuan on {day} and it never arrived.",
        "My transfer to Mr Dickens has been pending for {hours} hours.",
    ),
    "refund": (
        "The shop says they refunded {amount} yuan on {day}, but I can't see it.",
        "When will my refund get here?",
    ),
    "loan_rate": ("I'd like to know if the loan rate has changed.", "Which month does the new mortgage rate start?"),
    "loan_repay": (
        "I want to pay back {amount} yuan early, how do I do that?",
        "My payment on {day} did not go through.",
    ),
    "app_login": (
        "The app won't let me log in, it keeps saying the code is wrong.",
        "I have a new phone and I can't get into the app.",
    ),
    "statement": ("Could you send me last month's statement?", "I need the list of payments for {day}, card {tail}."),
    "address_change": ("I moved to Scunthorpe and need to change my address.", "My address is spelled wrong on file."),
    "branch_hours": ("What time do you open on the weekend?", "Is the Essex Street branch open on {day}?"),
    "branch_only": (
        "I want you to raise my limit to {amount} yuan right now, over the phone.",
        "I am not going to a branch, close the account on this call.",
        "Change my husband's password for me, he is too busy to come.",
    ),
    "complaint": (
        "I want to complain about the {amount} yuan you took on {day}, it is not mine to pay.",
        "Your branch charged me {amount} yuan too much and I want an answer.",
        "I do not agree with how you handled this, I want my {amount} yuan back.",
    ),
    "official": ("We need your help to verify a matter on file.",),
    "line_test": ("Line check, one two three four, can you hear me?", "Routine check of the line, please confirm."),
}

LINES: Final[Mapping[str, tuple[str, ...]]] = {
    "greeting": (
        "Good day, thank you for calling, how can I help you?",
        "Hello, customer service, what can I do for you?",
    ),
    "check": (
        "Let me look that up for you, one moment.",
        "I see. Let me assess what the system says.",
        "All right, I am going through the records.",
    ),
    "go_ahead": ("Okay, go ahead.", "Sure, I'll wait.", "Please be quick then."),
    "ask_digits": ("Could you give me the last four digits?", "What are the last four digits, please?"),
    "tell_digits": ("It's {tail}.", "{tail}."),
    "ask_since": ("Since when has it been like this?", "Which day was that?"),
    "tell_since": ("Since {day}.", "That was {day}."),
    "ask_ready": ("Do you have something to write with?", "Can I give you a number to note down?"),
    "tell_ready": ("Yes, go on.", "I'm ready."),
    "noted": ("I heard you.", "All right, that's it for now."),
    "answer": (
        "I found it, this will be settled by {day}.",
        "That is done, you will get a message within {hours} hours.",
        "The system shows {amount} yuan, and it has been processed.",
    ),
    "again": ("I asked about this before and it still isn't solved.", "I called yesterday and nothing has changed."),
    "anything_else": ("Is there anything else I can help you with?", "Anything else today?"),
    "nothing_else": ("No, that's all, thank you.", "That's everything, thanks a lot.", "No, nothing else."),
    "goodbye": ("Thank you for calling, goodbye.", "You're welcome, have a nice day."),
    "hold": ("May I put you on hold while I ask a colleague?", "Please stay on the line while I check."),
    "back": ("Thank you for waiting, I have checked.", "Sorry for the wait, I know more now."),
    "angry": (
        "What is going on there? I have been waiting for {hours} hours!",
        "This is outrageous, I will go to the press!",
        "I am really angry, my lawyer will hear of this!",
        "I want to make a complaint, get me your supervisor!",
        "This is ridiculous, why do I have to repeat everything?",
    ),
    "soothe": (
        "I am very sorry about this, I understand how you feel and I will sort it out now.",
        "I hear you, please give me a moment and I will stay on it.",
    ),
    "calmer": ("All right, please have a look then.", "Fine, go on, I'm listening."),
    "swear": ("This damn app is a piece of crap, it froze again!", "Oh for fuck's sake, the page crashed again!"),
    "correct": ("Sorry, I didn't mean you, I'm just stressed.", "I apologise, that was not nice of me."),
    "warn": (
        "Please keep this polite. If it goes on like this I will have to end the call.",
        "I must ask you to mind your language, otherwise I will hang up.",
    ),
    "abuse": (
        "Fuck you!",
        "You are a stupid bitch!",
        "You motherfucker, do your job!",
        "Go to hell, asshole!",
        "Fuck you, you worthless piece of shit!",
    ),
    "harass": (
        "You have a sexy voice, I'll wait for you outside tonight.",
        "Tell me where you live, I'm coming over.",
        "What are you wearing right now?",
    ),
    "off_topic": (
        "Forget the bank, sing me a song.",
        "Who do you think wins the match tonight? Talk to me.",
        "I'm just bored, tell me a story.",
    ),
    "back_to_topic": ("Is there something about your account I can do?", "Let us get back to your request, please."),
    "explain": (
        "Let me explain: the charge follows section {section} of the contract.",
        "What we checked shows that the {amount} yuan are correct, and this is why.",
        "The step has to be confirmed by yourself, it keeps your money safe.",
    ),
    "insist": (
        "I don't accept that.",
        "No, I have heard that before and I still want {amount} yuan back.",
        "That is not an answer, I disagree.",
    ),
    "accept": ("Oh, I see, that makes sense.", "All right, I'll go to the branch then."),
    "rule": (
        "I'm sorry, by our rules this can only be done by yourself at a branch.",
        "This line cannot take that request, please bring your papers to the counter.",
    ),
    "final": (
        "There is a final result in your case: the charge stands, and you have it in writing.",
        "The final decision on your complaint is that nothing will be paid back.",
    ),
    "still_open": ("Your complaint is still being looked into.", "There is no news yet, I will remind them."),
    "final_in_words_only": ("That is the final answer I can give you.", "I'm afraid that is final from my side."),
    "new_fact": (
        "I found the receipt from that day and it is very clear.",
        "The branch texted me afterwards and admits it, I can send you that.",
    ),
    "new_fact_taken": ("That is new to us, I will have the case looked at again.", "Thank you, we will check it anew."),
    "robocall": (
        "You were picked for this season's trial group, press one to hear more, press two for the gift box.",
        "This is a recorded notice, a renovation offer waits for you, please stay on the line.",
        "Dear friend, cheap data plans end today, press the hash key to go on.",
    ),
    "hello": ("Hello, can you hear me?", "Hello, are you there?", "I can't hear you, please call again later."),
    "cut_off": ("The line dropped again, I have called several times.", "I keep getting cut off, finally it works."),
    "transfer": ("Another team handles this, I will put you through and tell them what we know.",),
    "took_over": ("Hello, my colleague told me everything, let me go on from there.",),
    "escalate": ("I will ask my team leader to join, one moment please.",),
}
