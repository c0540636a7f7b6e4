"""What helps a trained model to score a text without more training: tricks, and what they share.

    temper.py        the temperature of the softmax
    neural_cache.py  words that followed states like this one
    ngram.py         a Kneser-Ney model, to mix with
    dynamic.py       learning from the text while it is scored
    mixture.py       what to mix in which shares
    passes.py        what the model alone says of a text, word by word
    components.py    all that is mixed, made once and timed
    tuning.py        the values that nobody gave
    tuned.py         the tricks with all their values
    overlap.py       how much of a text they know already

`Adapting` (adapted.py) tunes what is asked for on a validation text and scores others with it.
"""

from rnnlm_cli.scoring.adapting.adapted import Adapted as Adapted
from rnnlm_cli.scoring.adapting.adapted import Adapting as Adapting
from rnnlm_cli.scoring.adapting.adapted import check_adapting as check_adapting
from rnnlm_cli.scoring.adapting.components import needs_training_text as needs_training_text
from rnnlm_cli.scoring.adapting.overlap import Texts as Texts
from rnnlm_cli.scoring.adapting.tuning import tuned_on as tuned_on
