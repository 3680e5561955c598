"""The part of the saliency model that turns patch features into a map of what stands out."""

from __future__ import annotations

import torch
from torch import nn


class SaliencyDecoder(nn.Module):
    """Three transposed convolutions, each doubling the grid, then one logit for each cell.

    Widths 384 -> 256 -> 128 -> 64 -> 1, as in the file that the weights come from
    (``assets/saliency_vit/README.md``).
    """

    def __init__(self, d_model: int = 384) -> None:
        super().__init__()
        self.upconv1 = nn.ConvTranspose2d(d_model, 256, kernel_size=4, stride=2, padding=1)
        self.bn1 = nn.BatchNorm2d(256)
        self.upconv2 = nn.ConvTranspose2d(256, 128, kernel_size=4, stride=2, padding=1)
        self.bn2 = nn.BatchNorm2d(128)
        self.upconv3 = nn.ConvTranspose2d(128, 64, kernel_size=4, stride=2, padding=1)
        self.bn3 = nn.BatchNorm2d(64)
        self.final_conv = nn.Conv2d(64, 1, kernel_size=1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Decode a grid of patch features.

        Parameters
        ----------
        features : Tensor (batch, d_model, rows, columns)
            The final, normalised patch tokens laid out on their grid.

        Returns
        -------
        Tensor (batch, 1, 8 * rows, 8 * columns)
            Logits; their sigmoid is the probability of being salient.
        """
        features = torch.relu(self.bn1(self.upconv1(features)))
        features = torch.relu(self.bn2(self.upconv2(features)))
        features = torch.relu(self.bn3(self.upconv3(features)))
        logits: torch.Tensor = self.final_conv(features)
        return logits
