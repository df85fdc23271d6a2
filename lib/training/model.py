"""Small language models built of PyTorch's own parts: LSTMs, and transformers by the words of an algorithm."""

import functools

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.algorithms import HEAD, Algorithm, hidden, layers

BALANCE = 0.01  # weight of the loss that spreads tokens over experts (Fedus, Zoph and Shazeer 2022)
ROTARY_BASE = 10_000.0
ACTIVATIONS = {"relu": functional.relu, "gelu": functional.gelu, "swiglu": functional.silu}


def normed(kind: Algorithm, width: int) -> nn.Module:
    """Return a normalisation: layer norm, root mean square, or none."""
    return {"layer": nn.LayerNorm, "rms": nn.RMSNorm, "none": nn.Identity}[kind.norm](width)


def angles(length: int, width: int) -> Tensor:
    """Return position times frequency (length x width / 2), of Vaswani et al. 2017."""
    rates = ROTARY_BASE ** (-torch.arange(0, width, 2) / width)
    return torch.arange(length)[:, None] * rates


@functools.cache
def turns(length: int, width: int) -> tuple[Tensor, Tensor]:
    """Return cosine and sine of `angles`."""
    at = angles(length, width)
    return at.cos(), at.sin()


def rotated(each: Tensor) -> Tensor:
    """Return queries and keys (... x length x width) turned by their positions (Su et al. 2021)."""
    (cos, sin), (left, right) = turns(*each.shape[-2:]), each.chunk(2, dim=-1)
    return torch.cat([left * cos - right * sin, left * sin + right * cos], dim=-1)


class Attention(nn.Module):
    """Causal self-attention of heads of width `HEAD`."""

    def __init__(self, kind: Algorithm, width: int) -> None:
        super().__init__()
        self.heads, self.dropout, self.rotary = width // HEAD, kind.dropout, kind.position == "rotary"
        self.inner, self.outer = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)

    def forward(self, state: Tensor) -> Tensor:
        parts = self.inner(state).unflatten(-1, (3, self.heads, HEAD)).permute(2, 0, 3, 1, 4)
        query, key = rotated(parts[:2]) if self.rotary else parts[:2]
        value = parts[2]
        dropped = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True, dropout_p=dropped)
        return self.outer(mixed.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    """Two matrices with an activation between, or three with a gate (Shazeer 2020)."""

    def __init__(self, kind: Algorithm, width: int) -> None:
        super().__init__()
        self.activation, self.gated = ACTIVATIONS[kind.activation], kind.activation == "swiglu"
        self.inner = nn.Linear(width, hidden(kind, width) * (1 + self.gated), bias=False)
        self.outer = nn.Linear(hidden(kind, width), width, bias=False)

    def forward(self, state: Tensor) -> Tensor:
        first = self.inner(state)
        if not self.gated:
            return self.outer(self.activation(first))
        gate, value = first.chunk(2, dim=-1)
        return self.outer(self.activation(gate) * value)


class Experts(nn.Module):
    """Feed-forward layers of which each token uses the one that its router likes best; none is ever dropped."""

    def __init__(self, kind: Algorithm, width: int) -> None:
        super().__init__()
        self.router = nn.Linear(width, kind.experts, bias=False)
        self.experts = nn.ModuleList(FeedForward(kind, width) for _ in range(kind.experts))
        self.unbalanced = torch.zeros(())

    def forward(self, state: Tensor) -> Tensor:
        tokens = state.flatten(0, 1)
        shares = self.router(tokens).softmax(dim=-1)
        best, chosen = shares.max(dim=-1)
        used = functional.one_hot(chosen, len(self.experts)).to(tokens).mean(dim=0)
        self.unbalanced = len(self.experts) * (used * shares.mean(dim=0)).sum()
        mixed = torch.zeros_like(tokens)
        for place, expert in enumerate(self.experts):
            rows = (chosen == place).nonzero()[:, 0]
            mixed = mixed.index_add(0, rows, expert(tokens[rows]) * best[rows, None])
        return mixed.view_as(state)


class Block(nn.Module):
    """Attention and a feed-forward layer, each beside a residual, normalised before or after."""

    def __init__(self, kind: Algorithm, width: int) -> None:
        super().__init__()
        self.pre = kind.norm_place == "pre"
        second = Experts if kind.experts > 1 else FeedForward
        self.parts = nn.ModuleList([Attention(kind, width), second(kind, width)])
        self.norms, self.drop = nn.ModuleList(normed(kind, width) for _ in self.parts), nn.Dropout(kind.dropout)

    def forward(self, state: Tensor) -> Tensor:
        for part, norm in zip(self.parts, self.norms, strict=True):
            state = state + self.drop(part(norm(state))) if self.pre else norm(state + self.drop(part(state)))
        return state


class Transformer(nn.Module):
    """Blocks with positions added at the input, or turned in each attention."""

    def __init__(self, kind: Algorithm, width: int) -> None:
        super().__init__()
        self.sinusoidal, self.drop = kind.position == "sinusoidal", nn.Dropout(kind.dropout)
        self.blocks = nn.Sequential(*(Block(kind, width) for _ in range(layers(kind, width))))
        self.last = normed(kind, width) if kind.norm_place == "pre" else nn.Identity()

    def forward(self, state: Tensor) -> Tensor:
        if self.sinusoidal:
            at = angles(*state.shape[1:]).to(state)
            state = state + torch.stack([at.sin(), at.cos()], dim=-1).flatten(1)
        return self.last(self.blocks(self.drop(state)))


class Recurrent(nn.Module):
    """PyTorch's LSTM, or with `unfused` the same sums step by step, as counters of FLOP need them."""

    def __init__(self, kind: Algorithm, width: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, width, layers(kind, width), batch_first=True, dropout=kind.dropout)
        self.unfused = False
        for layer in range(self.lstm.num_layers):  # gates that keep at first (Jozefowicz, Zaremba and Sutskever 2015)
            nn.init.ones_(getattr(self.lstm, f"bias_ih_l{layer}")[width : 2 * width])

    def forward(self, state: Tensor) -> Tensor:
        if not self.unfused:
            return self.lstm(state)[0]
        for layer in range(self.lstm.num_layers):
            of_input, of_state, *biases = self.lstm._flat_weights[4 * layer : 4 * layer + 4]
            hidden_state = cell = torch.zeros_like(state[:, 0])
            gates, steps = functional.linear(state, of_input, sum(biases)), []
            for step in gates.unbind(1):
                into, keep, new, out = (step + functional.linear(hidden_state, of_state)).chunk(4, dim=-1)
                cell = keep.sigmoid() * cell + into.sigmoid() * new.tanh()
                hidden_state = out.sigmoid() * cell.tanh()
                steps.append(hidden_state)
            state = torch.stack(steps, dim=1)
        return state


class Model(nn.Module):
    """A language model of an algorithm: embedding, body, and an output layer that is not tied to the embedding."""

    def __init__(self, kind: Algorithm, width: int, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.body = (Recurrent if kind.block == "lstm" else Transformer)(kind, width)
        self.output = nn.Linear(width, vocabulary, bias=False)
        for block in getattr(self.body, "blocks", ()):
            for matrix in (each for each in block.modules() if isinstance(each, nn.Linear)):
                nn.init.xavier_uniform_(matrix.weight)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits (batch x length x vocabulary) of the next token."""
        return self.output(self.body(self.embedding(tokens)))

    def losses(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean loss in nats per token of windows (batch x length + 1), and what training adds to it."""
        logits = self(windows[:, :-1])
        loss = functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
        uneven = [each.unbalanced for each in self.modules() if isinstance(each, Experts)]
        return loss, BALANCE * sum(uneven, torch.zeros(())) if uneven else torch.zeros(())


def parameters(kind: Algorithm, width: int, vocabulary: int) -> int:
    """Return how many numbers a model learns, the embedding included, without building it in memory."""
    with torch.device("meta"):
        return sum(each.numel() for each in Model(kind, width, vocabulary).parameters())
