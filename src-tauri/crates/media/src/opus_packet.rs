//! What the first bytes of an Opus packet tell (RFC 6716, section 3.1).

/// Length of a packet's sound at 48 kHz, in samples; `None` when malformed.
pub fn duration(packet: &[u8]) -> Option<u32> {
    let toc = *packet.first()?;
    let frame = match toc >> 3 {
        config @ 0..=11 => [480, 960, 1_920, 2_880][usize::from(config & 3)],
        config @ 12..=15 => [480, 960][usize::from(config & 1)],
        config => [120, 240, 480, 960][usize::from(config & 3)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(*packet.get(1)? & 0x3F),
    };
    let total = frame * frames;
    // 120 ms is the most that a packet may hold.
    (total > 0 && total <= 5_760).then_some(total)
}

/// The packet describes the 20 ms before it as well (in-band redundancy, LBRR).
/// Same test as libopus' `opus_packet_has_lbrr`, for packets of one frame.
pub fn has_redundancy(packet: &[u8]) -> bool {
    let (Some(&toc), Some(&first)) = (packet.first(), packet.get(1)) else { return false };
    // Only the SILK layer carries it (configurations 0 to 15).
    if toc & 0x80 != 0 || toc & 3 != 0 {
        return false;
    }
    let frames = duration(packet).map_or(1, |samples| (samples / 960).max(1));
    let stereo = toc & 4 != 0;
    let mid = (first >> (7 - frames.min(7))) & 1 != 0;
    let side = stereo && frames <= 3 && (first >> (6 - 2 * frames)) & 1 != 0;
    mid || side
}

/// A packet of at most two bytes means "silence from here on" (DTX).
pub fn is_discontinuous(packet: &[u8]) -> bool {
    packet.len() <= 2
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A synthetic voice: a pure tone would be predicted from its own past, and one without pauses
    /// be taken for noise.
    pub(crate) fn voice(samples: std::ops::Range<usize>) -> Vec<f32> {
        samples
            .map(|n| {
                let t = n as f32 / 48_000.0;
                let loudness = if (t * 2.0).fract() < 0.7 { 0.11 + 0.09 * (t * 25.0).sin() } else { 0.0 };
                (1..8).map(|k| (std::f32::consts::TAU * 140.0 * k as f32 * t).sin() / k as f32).sum::<f32>() * loudness
            })
            .collect()
    }

    #[test]
    fn lengths_follow_the_table_of_the_standard() {
        for (toc, rest, expected) in [
            (0x78, 0, Some(960)),
            (0x08, 0, Some(960)),
            (0x18, 0, Some(2_880)),
            (0xF8, 0, Some(960)),
            (0x79, 0, Some(1_920)),
            (0x7B, 3, Some(2_880)),
            (0x7B, 0, None),
        ] {
            assert_eq!(duration(&[toc, rest]), expected, "table of contents {toc:#x}, count {rest}");
        }
        assert_eq!(duration(&[]), None, "an empty packet has no length");
    }

    #[test]
    fn redundancy_is_seen_in_what_our_encoder_makes_with_it_and_not_without() {
        let voice = voice(0..960 * 50);
        let count = |redundant: bool| {
            let mut encoder = opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Voip).unwrap();
            encoder.set_bitrate(opus::Bitrate::Bits(32_000)).unwrap();
            encoder.set_inband_fec(redundant).unwrap();
            encoder.set_packet_loss_perc(if redundant { 10 } else { 0 }).unwrap();
            voice
                .chunks_exact(960)
                .filter(|frame| has_redundancy(&encoder.encode_vec_float(frame, 400).unwrap()))
                .count()
        };
        let with = count(true);
        // libopus leaves it out where it takes the sound for noise, so not every packet has it.
        assert!(with > 15, "packets carry the one before, {with} of 50 do");
        assert_eq!(count(false), 0, "and none does when it is off");
    }
}
