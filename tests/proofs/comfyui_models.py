"""Makes the smallest checkpoints that ComfyUI takes for SD 1.5 and for Stable Video Diffusion.

Run by ComfyUI's own Python in ComfyUI's own folder: `python comfyui_models.py CHECKPOINTS`. What
they draw is noise; what a server does around the drawing is the same as with real ones. ComfyUI
tells a model by the shapes of its tensors, so that some must be as wide as in the real ones.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

UNET = {
    "image_size": 32,
    "model_channels": 320,
    "use_spatial_transformer": True,
    "legacy": False,
    "out_channels": 4,
}
SD = {
    **UNET,
    "in_channels": 4,
    "num_res_blocks": [1],
    "channel_mult": [1],
    "transformer_depth": [1],
    "transformer_depth_output": [1, 1],
    "transformer_depth_middle": 1,
    "context_dim": 768,
    "num_heads": 8,
    "use_linear_in_transformer": False,
}
SVD = {
    **UNET,
    "in_channels": 8,
    "num_res_blocks": [2, 2, 2, 2],
    "channel_mult": [1, 1, 1, 1],
    "transformer_depth": [1, 1, 1, 1, 1, 1, 0, 0],
    "transformer_depth_output": [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
    "transformer_depth_middle": 1,
    "context_dim": 1024,
    "num_head_channels": 64,
    "num_classes": "sequential",
    "adm_in_channels": 768,
    "use_linear_in_transformer": True,
    "extra_ff_mix_layer": True,
    "use_spatial_context": True,
    "merge_strategy": "learned_with_images",
    "merge_factor": 0.0,
    "video_kernel_size": [3, 1, 1],
    "use_temporal_resblock": True,
    "use_temporal_attention": True,
    "disable_temporal_crossattention": False,
}


def filled(module, prefix):
    """A module's tensors with small noise of a fixed seed, norms at one, in half precision."""
    chance = torch.Generator().manual_seed(1)
    tensors = {}
    for name, tensor in module.state_dict().items():
        if not tensor.is_floating_point():
            tensors[prefix + name] = tensor.clone()
        elif tensor.dim() < 2:
            value = torch.ones if name.endswith("weight") else torch.zeros
            tensors[prefix + name] = value(tensor.shape, dtype=torch.half)
        else:
            noise = torch.empty(tensor.shape, dtype=torch.half)
            tensors[prefix + name] = noise.normal_(0, 0.03, generator=chance)
    return tensors


def main(folder):
    """Write tiny_sd.safetensors and tiny_svd_xt.safetensors into `folder`."""
    from comfy.cli_args import args

    args.cpu = True  # looked at while the next ones are imported
    import comfy.clip_model
    import comfy.ops
    from comfy.ldm.modules.diffusionmodules.openaimodel import UNetModel
    from comfy.taesd.taesd import TAESD

    ops = comfy.ops.disable_weight_init
    about = {"device": "cpu", "dtype": torch.half, "operations": ops}
    vae = filled(TAESD(latent_channels=4), "first_stage_model.")
    here = Path(comfy.clip_model.__file__).parent
    words = json.loads((here / "sd1_clip_config.json").read_text())
    text = comfy.clip_model.CLIPTextModel(words, torch.half, "cpu", ops)
    tensors = filled(UNetModel(**SD, **about), "model.diffusion_model.")
    tensors |= vae | filled(text, "cond_stage_model.transformer.")
    save_file(tensors, folder / "tiny_sd.safetensors")
    sight = json.loads((here / "clip_vision_config_h.json").read_text())
    eye = comfy.clip_model.CLIPVisionModelProjection(sight, torch.half, "cpu", ops)
    tensors = filled(UNetModel(**SVD, **about), "model.diffusion_model.")
    tensors |= vae | filled(eye, "conditioner.embedders.0.open_clip.model.visual.")
    save_file(tensors, folder / "tiny_svd_xt.safetensors")


if __name__ == "__main__":
    sys.path.insert(0, ".")
    main(Path(sys.argv[1]))
