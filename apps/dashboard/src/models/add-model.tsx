import { Button, FileButton, Group, Modal, Progress, Tabs, TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatBytes } from '../ui/format';
import classes from './models.module.css';
import { sendModelFiles } from './send-model-files';
import { useModelActions } from './use-model-actions';

/** Adds a model: by its name on a hub, from the files of this computer, or from a folder of the server. */
export function AddModel({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Add a model"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Tabs defaultValue="hub">
        <Tabs.List>
          <Tabs.Tab value="hub">By name</Tabs.Tab>
          <Tabs.Tab value="files">Files</Tabs.Tab>
          <Tabs.Tab value="folder">Folder of the server</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="hub" pt="sm">
          <ByName onDone={onClose} />
        </Tabs.Panel>
        <Tabs.Panel value="files" pt="sm">
          <ByFiles onDone={onClose} />
        </Tabs.Panel>
        <Tabs.Panel value="folder" pt="sm">
          <ByFolder onDone={onClose} />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

function Refusal({ error }: { error: Error | null }) {
  return error ? (
    <p className={classes.refusal} role="alert">
      {error.message}
    </p>
  ) : null;
}

function ByName({ onDone }: { onDone: () => void }) {
  const { fetch } = useModelActions();
  const [name, setName] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        fetch.mutate(name, { onSuccess: onDone });
      }}
    >
      <TextInput
        label="Name on the hub"
        description="A CLIP, OpenCLIP, SigLIP or BLIP: owner/name. A download that is cut off goes on where it was."
        placeholder="openai/clip-vit-base-patch32"
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        data-autofocus
      />
      <Refusal error={fetch.error} />
      <Group justify="flex-end" mt="md">
        <Button type="submit" loading={fetch.isPending} disabled={name.trim() === ''}>
          Fetch
        </Button>
      </Group>
    </form>
  );
}

function ByFolder({ onDone }: { onDone: () => void }) {
  const { addFolder } = useModelActions();
  const [path, setPath] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        addFolder.mutate(path, { onSuccess: onDone });
      }}
    >
      <TextInput
        label="Path on the server"
        description="A bundle (manifest.json and its files), or a pretrained model’s config, weights and tokenizer. It is copied."
        placeholder="/models/clip-vit-b-32"
        value={path}
        onChange={({ currentTarget }) => setPath(currentTarget.value)}
      />
      <Refusal error={addFolder.error} />
      <Group justify="flex-end" mt="md">
        <Button type="submit" loading={addFolder.isPending} disabled={path.trim() === ''}>
          Add
        </Button>
      </Group>
    </form>
  );
}

function ByFiles({ onDone }: { onDone: () => void }) {
  const { addUpload } = useModelActions();
  const [sent, setSent] = useState<{ done: number; total: number } | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const send = async (files: File[]) => {
    if (files.length === 0) return;
    setFailure(null);
    try {
      const upload = await sendModelFiles(files, (done, total) => setSent({ done, total }));
      const folder = files[0]?.webkitRelativePath.split('/')[0];
      await addUpload.mutateAsync({ upload, name: folder || 'uploaded model' });
      onDone();
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setSent(null);
    }
  };
  return (
    <>
      <p className={classes.dialogText}>
        The files of one model, all together: a bundle’s, or a pretrained model’s config, weights and
        tokenizer. What does not fit is refused by name before anything is registered.
      </p>
      {sent && (
        <>
          <Progress value={(100 * sent.done) / Math.max(1, sent.total)} aria-label="Sent" mt="sm" />
          <p className={classes.dim}>
            {formatBytes(sent.done)} of {formatBytes(sent.total)}
          </p>
        </>
      )}
      <Refusal error={failure} />
      <Group justify="flex-end" mt="md">
        <FileButton multiple onChange={(files) => void send(files)}>
          {(props) => (
            <Button {...props} loading={sent !== null || addUpload.isPending}>
              Choose files
            </Button>
          )}
        </FileButton>
      </Group>
    </>
  );
}
