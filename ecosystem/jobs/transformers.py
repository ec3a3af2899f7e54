"""GPT-2, BERT and Llama from small configurations: forward, backward, generate, save and load"""

import tempfile

import torch
from sample import filled, gradient_norm, labels
from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

SIZES = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
MODELS = {
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=100, n_positions=64, n_embd=64, n_layer=2, n_head=4)),
    "bert": lambda: BertForMaskedLM(BertConfig(vocab_size=100, max_position_embeddings=64, **SIZES)),
    "llama": lambda: LlamaForCausalLM(LlamaConfig(vocab_size=100, max_position_embeddings=64, **SIZES)),
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
    return results
