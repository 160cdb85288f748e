//! Canonical bytes of the ceremony's messages (`KEY-1`, `KEY-4`, `KEY-6`).

use super::{Commitments, Complaint, SealedShare, Shares, MAX_TRUSTEES, SEALED_LEN};
use crate::codec::{put_count, put_point, put_scalar, Decode, DecodeError, Encode, Reader};
use crate::ids::TrusteeIndex;

impl Encode for Commitments {
    fn encode(&self, out: &mut Vec<u8>) {
        self.trustee.encode(out);
        out.extend_from_slice(&self.transport);
        put_count(out, self.coefficients.len());
        self.coefficients.iter().for_each(|c| put_point(out, c));
        put_point(out, &self.t);
        put_scalar(out, &self.z);
    }
}

impl Decode for Commitments {
    const NAME: &'static str = "ceremony commitments";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Commitments {
            trustee: TrusteeIndex::decode(reader)?,
            transport: reader.array("transport key")?,
            coefficients: reader.points(MAX_TRUSTEES, "ceremony commitments")?,
            t: reader.point("possession T")?,
            z: reader.scalar("possession z")?,
        })
    }
}

impl Encode for Shares {
    fn encode(&self, out: &mut Vec<u8>) {
        self.trustee.encode(out);
        put_count(out, self.sealed.len());
        for s in &self.sealed {
            out.extend_from_slice(&s.encapsulated);
            out.extend_from_slice(&s.ciphertext);
        }
    }
}

impl Decode for Shares {
    const NAME: &'static str = "ceremony shares";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let trustee = TrusteeIndex::decode(reader)?;
        let n = reader.count(MAX_TRUSTEES, 32 + SEALED_LEN, "ceremony shares")?;
        let sealed = (0..n)
            .map(|_| {
                Ok(SealedShare {
                    encapsulated: reader.array("encapsulated key")?,
                    ciphertext: reader.array("encrypted share")?,
                })
            })
            .collect::<Result<_, DecodeError>>()?;
        Ok(Shares { trustee, sealed })
    }
}

impl Encode for Complaint {
    fn encode(&self, out: &mut Vec<u8>) {
        self.trustee.encode(out);
        self.dealer.encode(out);
        out.extend_from_slice(&self.transport);
    }
}

impl Decode for Complaint {
    const NAME: &'static str = "ceremony complaint";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Complaint {
            trustee: TrusteeIndex::decode(reader)?,
            dealer: TrusteeIndex::decode(reader)?,
            transport: reader.array("transport secret")?,
        })
    }
}
