"""SFTTrainer and DPOTrainer on a small GPT-2: losses and gradient norms of four steps each"""

import tempfile

import transformers
from datasets import Dataset
from sample import filled, labels
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

transformers.logging.set_verbosity_error()
OPTIONS = {
    "max_steps": 4,
    "per_device_train_batch_size": 2,
    "learning_rate": 1e-2,
    "train_sampling_strategy": "sequential",
    "logging_steps": 1,
    "max_length": 16,
    "gradient_checkpointing": False,
    "bf16": False,
    "report_to": "none",
    "use_cpu": True,
    "disable_tqdm": True,
    "save_strategy": "no",
}


def model():
    dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    return filled(
        GPT2LMHeadModel(GPT2Config(vocab_size=100, n_positions=64, n_embd=32, n_layer=2, n_head=4, **dropout))
    )


def tokenizer():
    """Numbers are words."""
    words = {**{str(number): number for number in range(97)}, "<pad>": 97, "<eos>": 98, "<unk>": 99}
    split = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    split.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=split, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>")


def history(trainer):
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()
    return {name: [each[name] for each in trainer.state.log_history if name in each] for name in ("loss", "grad_norm")}


def job():
    results = {}
    rows = Dataset.from_dict({"input_ids": labels(64, 37).view(8, 8).tolist()})
    pairs = {
        "prompt": ["1 2 3"] * 4,
        "chosen": ["4 5 6", "7 8 9", "10 11", "12"],
        "rejected": ["20", "22 23", "25", "26"],
    }
    with tempfile.TemporaryDirectory() as folder:
        tuning = SFTConfig(output_dir=folder, **OPTIONS)
        trainer = SFTTrainer(model(), tuning, train_dataset=rows, processing_class=tokenizer())
        results.update({f"sft {name}": values for name, values in history(trainer).items()})
        preferring = DPOConfig(output_dir=folder, **OPTIONS)
        trainer = DPOTrainer(
            model(), model(), preferring, train_dataset=Dataset.from_dict(pairs), processing_class=tokenizer()
        )
        results.update({f"dpo {name}": values for name, values in history(trainer).items()})
    return results
