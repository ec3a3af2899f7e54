"""GPT-2, BERT and Llama from small configurations: forward, backward, generate, save and load; Trainer"""

import tempfile

import torch
import transformers
from sample import filled, gradient_norm, labels
from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

transformers.logging.set_verbosity_error()
SIZES = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
MODELS = {
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=100, n_positions=64, n_embd=64, n_layer=2, n_head=4)),
    "bert": lambda: BertForMaskedLM(BertConfig(vocab_size=100, max_position_embeddings=64, **SIZES)),
    "llama": lambda: LlamaForCausalLM(LlamaConfig(vocab_size=100, max_position_embeddings=64, **SIZES)),
}


class Sentences(torch.utils.data.Dataset):
    """Token sequences, each its own target."""

    def __init__(self, count):
        self.tokens = labels(count * 16, 37).view(count, 16)

    def __len__(self):
        return len(self.tokens)

    def __getitem__(self, index):
        return {"input_ids": self.tokens[index], "labels": self.tokens[index]}


def trained(model):
    """The losses of two epochs of Trainer, in the order of the samples, and those of evaluation."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = transformers.TrainingArguments(
            output_dir=folder,
            num_train_epochs=2,
            per_device_train_batch_size=4,
            gradient_accumulation_steps=2,
            learning_rate=1e-2,
            warmup_steps=1,
            lr_scheduler_type="cosine",
            train_sampling_strategy="sequential",
            eval_strategy="epoch",
            save_strategy="epoch",
            logging_steps=1,
            load_best_model_at_end=True,
            report_to="none",
            use_cpu=True,
            disable_tqdm=True,
        )
        trainer = transformers.Trainer(model, arguments, train_dataset=Sentences(16), eval_dataset=Sentences(8))
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
        predictions = trainer.predict(Sentences(4)).predictions
    history = trainer.state.log_history
    losses = {name: [each[name] for each in history if name in each] for name in ("loss", "grad_norm", "eval_loss")}
    return {
        **{f"trainer {name}": values for name, values in losses.items()},
        "trainer predictions": torch.from_numpy(predictions),
    }


def job():
    results, tokens = {}, labels(64, 37).view(2, 32)
    for name, make in MODELS.items():
        model = filled(make()).eval()
        output = model(input_ids=tokens, labels=tokens)
        output.loss.backward()
        results.update({name: output.logits, f"{name} loss": output.loss, f"{name} gradients": gradient_norm(model)})
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            again = type(model).from_pretrained(folder)
        results[f"{name} read"] = again(input_ids=tokens).logits
        if name != "bert":
            options = {"attention_mask": torch.ones_like(tokens), "max_new_tokens": 12, "pad_token_id": 0}
            results[f"{name} greedy"] = model.generate(tokens, do_sample=False, **options)[:, -12:].tolist()
            results[f"{name} beams"] = model.generate(tokens, do_sample=False, num_beams=3, **options)[:, -12:].tolist()
    no_dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    config = GPT2Config(vocab_size=100, n_positions=64, n_embd=32, n_layer=2, n_head=4, **no_dropout)
    return {**results, **trained(filled(GPT2LMHeadModel(config)))}
