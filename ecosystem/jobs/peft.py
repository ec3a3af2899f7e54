"""LoRA on a small Llama: five steps of AdamW, the adapter saved and read, merged into the weights"""

import tempfile

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from sample import filled, labels, values
from transformers import LlamaConfig, LlamaForCausalLM

CONFIG = LlamaConfig(
    vocab_size=100,
    max_position_embeddings=64,
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    intermediate_size=64,
)


def job():
    tokens = labels(64, 37).view(2, 32)
    adapter = LoraConfig(
        r=4, lora_alpha=8, lora_dropout=0.0, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"
    )
    model = get_peft_model(filled(LlamaForCausalLM(CONFIG)), adapter)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    with torch.no_grad():
        for seed, parameter in enumerate(trained):
            parameter.copy_(0.1 * values(*parameter.shape, seed=seed))
    optimizer, losses = torch.optim.AdamW(trained, lr=1e-2), []
    for _ in range(5):
        loss = model(input_ids=tokens, labels=tokens).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        again = PeftModel.from_pretrained(filled(LlamaForCausalLM(CONFIG)), folder)
    results = {"losses": losses, "read": again(input_ids=tokens).logits, "sizes": model.get_nb_trainable_parameters()}
    return {**results, "merged": model.merge_and_unload()(input_ids=tokens).logits}
