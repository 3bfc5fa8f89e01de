"""Writes tiny models in diffusers' layout, with random weights: a Stable Diffusion, and an SVD.

Run by the diffusers plugin's own Python: `python tests/diffusers_models.py FOLDER`.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLTemporalDecoder,
    DDIMScheduler,
    EulerDiscreteScheduler,
    StableDiffusionPipeline,
    StableVideoDiffusionPipeline,
    UNet2DConditionModel,
    UNetSpatioTemporalConditionModel,
)
from safetensors.torch import load_file, save_file
from transformers import (
    CLIPImageProcessorPil,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

LEVELS = 4  # of the autoencoders: latents of an eighth, as of the real ones
WIDE = 32  # the fewest channels that the video model's norms, in groups of 32, can have


def write_picture_model(folder, seed):
    """A Stable Diffusion that draws 64 x 64."""
    torch.manual_seed(seed)
    words = _tokenizer(folder / "tokenizer")
    text = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderKL(
            block_out_channels=(WIDE, 8, 8, 8),  # where pictures are whole: what takes memory
            down_block_types=("DownEncoderBlock2D",) * LEVELS,
            up_block_types=("UpDecoderBlock2D",) * LEVELS,
            norm_num_groups=4,
            sample_size=128,
        ),
        text_encoder=CLIPTextModel(text),
        tokenizer=words,
        unet=UNet2DConditionModel(
            sample_size=8,
            block_out_channels=(8, 16),
            layers_per_block=1,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=16,
            attention_head_dim=4,
            norm_num_groups=4,
        ),
        scheduler=DDIMScheduler(
            beta_schedule="scaled_linear", clip_sample=False, steps_offset=1, set_alpha_to_one=False
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)


def _tokenizer(folder):
    """CLIP's, with letters for words."""
    folder.mkdir(parents=True)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{c}</w>" for c in letters)]
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({word: i for i, word in enumerate(words)}))
    merges.write_text("#version: 0.2\n")
    return CLIPTokenizer(str(vocabulary), str(merges), model_max_length=77)


def write_clip_model(folder, seed):
    """An SVD that makes 8 frames of 64 x 64."""
    torch.manual_seed(seed)
    seen = CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=32,
        projection_dim=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=224,
        patch_size=56,
    )
    pipeline = StableVideoDiffusionPipeline(
        vae=AutoencoderKLTemporalDecoder(
            block_out_channels=(WIDE,) * LEVELS,
            down_block_types=("DownEncoderBlock2D",) * LEVELS,
            layers_per_block=1,
            sample_size=64,
        ),
        image_encoder=CLIPVisionModelWithProjection(seen),
        unet=UNetSpatioTemporalConditionModel(
            sample_size=8,
            num_frames=8,
            block_out_channels=(WIDE, WIDE),
            layers_per_block=1,
            down_block_types=("DownBlockSpatioTemporal", "CrossAttnDownBlockSpatioTemporal"),
            up_block_types=("CrossAttnUpBlockSpatioTemporal", "UpBlockSpatioTemporal"),
            cross_attention_dim=16,
            num_attention_heads=(2, 2),
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=24,
        ),
        scheduler=EulerDiscreteScheduler(
            prediction_type="v_prediction",
            timestep_type="continuous",
            use_karras_sigmas=True,
            sigma_min=0.002,
            sigma_max=700.0,
        ),
        feature_extractor=CLIPImageProcessorPil(
            crop_size={"height": 224, "width": 224}, size={"shortest_edge": 224}
        ),
    )
    pipeline.save_pretrained(folder)


def write_overflowing_model(folder, source):
    """A picture model whose decoder's numbers run over, as half precision can make them."""
    shutil.copytree(source, folder)
    weights = folder / "vae" / "diffusion_pytorch_model.safetensors"
    told = load_file(weights)
    told["decoder.conv_out.bias"] *= float("nan")
    save_file(told, weights, {"format": "pt"})


if __name__ == "__main__":
    to = Path(sys.argv[1])
    write_picture_model(to / "picture", seed=1)
    write_picture_model(to / "other", seed=2)
    write_clip_model(to / "clip", seed=3)
    write_overflowing_model(to / "overflowing", to / "picture")
