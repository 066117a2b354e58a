import { DetailedError, Upload } from 'tus-js-client';
import type { PickedFile } from './picked-files';

export type SendOutcome =
  | { readonly kind: 'sent' }
  /** Stopped by a person; it can be begun again. */
  | { readonly kind: 'aborted' }
  /** Nothing was reached, or the server was busy: trying again helps. */
  | { readonly kind: 'unreachable' }
  /** This file will not be taken. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No file will be taken any more. */
  | { readonly kind: 'over'; readonly reason: string };

export type Sending = { readonly outcome: Promise<SendOutcome>; abort(): void };

// Smaller ones travel in the request that creates them; larger ones can go on where they were, even after a reload.
const ONE_REQUEST_BYTES = 4_000_000;

/** Sends one file to `/incoming` by the tus protocol. Called again with the same `upload`, it goes on. */
export function sendFile(
  { path, file }: PickedFile,
  sessionKey: string,
  onBytes: (sent: number) => void,
): Sending {
  const isSmall = file.size <= ONE_REQUEST_BYTES;
  let settle: (outcome: SendOutcome) => void = () => {};
  const outcome = new Promise<SendOutcome>((resolve) => {
    settle = resolve;
  });
  const upload = new Upload(file, {
    endpoint: '/incoming',
    metadata: { session: sessionKey, path },
    uploadDataDuringCreation: isSmall,
    // Trying again is for the whole run to decide: when the server is away, it is away for all of them.
    retryDelays: null,
    storeFingerprintForResuming: !isSmall,
    removeFingerprintOnSuccess: true,
    fingerprint: async () => `freestyle ${sessionKey} ${path} ${file.size} ${file.lastModified}`,
    onProgress: (sent) => onBytes(sent),
    onSuccess: () => settle({ kind: 'sent' }),
    onError: (error) => settle(judge(error)),
  });
  void begin(upload, isSmall);
  return {
    outcome,
    abort() {
      settle({ kind: 'aborted' });
      void upload.abort().catch(() => {});
    },
  };
}

async function begin(upload: Upload, isSmall: boolean): Promise<void> {
  const [previous] = isSmall ? [] : await upload.findPreviousUploads().catch(() => []);
  if (previous) upload.resumeFromPreviousUpload(previous);
  upload.start();
}

function judge(error: Error | DetailedError): SendOutcome {
  if (!(error instanceof DetailedError) || !error.originalRequest) {
    return { kind: 'refused', reason: `The browser cannot read it: ${error.message}` };
  }
  const status = error.originalResponse?.getStatus() ?? 0;
  const { code, message } = answerOf(error.originalResponse?.getBody());
  if (code === 'ALREADY_RECEIVED') return { kind: 'sent' };
  if (status === 401 || status === 403 || status === 507 || code === 'NOT_FOUND') {
    return { kind: 'over', reason: message ?? `The server answered ${status}.` };
  }
  // An offset that does not fit, a lock or a stream cut off in the middle: the next try begins with asking how far it is.
  const passing = status === 0 || status >= 500 || status === 423 || ([400, 409].includes(status) && !code);
  if (passing) return { kind: 'unreachable' };
  return { kind: 'refused', reason: message ?? `The server answered ${status}.` };
}

function answerOf(body: string | undefined): { code?: string; message?: string } {
  try {
    return JSON.parse(body ?? '') as { code?: string; message?: string };
  } catch {
    return {};
  }
}
