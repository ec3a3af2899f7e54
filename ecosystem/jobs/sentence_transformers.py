"""A small BERT with pooling: embeddings, similarities and search, saved and read; three steps on pairs"""

import tempfile

import torch
from sample import filled
from sentence_transformers import SentenceTransformer, losses, models, util
from transformers import BertConfig, BertModel, BertTokenizer, logging

logging.set_verbosity_error()
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "one", "two", "three", "red", "green", "blue", "and"]
SENTENCES = ["one and two", "red green", "three blue and one", "two"]
PARTNERS = ["one two", "green", "blue", "and two"]
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}


def make(folder):
    """The model, from files as they are usually found."""
    dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    config = BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **SIZES, **dropout)
    filled(BertModel(config)).save_pretrained(folder)
    BertTokenizer(vocab={word: index for index, word in enumerate(WORDS)}).save_pretrained(folder)
    transformer = models.Transformer(folder, max_seq_length=16)
    pooling = models.Pooling(transformer.get_word_embedding_dimension())
    return SentenceTransformer(modules=[transformer, pooling, models.Normalize()], device="cpu")


def trained(model):
    """The losses of three steps."""
    loss_of, found = losses.MultipleNegativesRankingLoss(model), []
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _ in range(3):
        loss = loss_of([model.tokenize(SENTENCES), model.tokenize(PARTNERS)], None)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        found.append(loss.item())
    return found


def job():
    with tempfile.TemporaryDirectory() as folder:
        model = make(folder)
        embeddings = model.encode(SENTENCES, convert_to_tensor=True)
        found = util.semantic_search(embeddings[:2], embeddings, top_k=2)
        model.save(f"{folder}/saved")
        again = SentenceTransformer(f"{folder}/saved", device="cpu")
        return {
            "embeddings": embeddings,
            "similarities": model.similarity(embeddings, embeddings),
            "found": [hit["corpus_id"] for hits in found for hit in hits],
            "read": again.encode(SENTENCES, convert_to_tensor=True),
            "losses": trained(model),
        }
