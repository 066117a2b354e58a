import { Button, Group, Modal, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCirclesRelation } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { request } from '../api/client';
import { datasetNamesQuery } from '../datasets/dataset-queries';
import { BuildStyleSpaceDocument, type StylePictureSource } from '../generated/graphql';
import { formatCount } from '../ui/format';
import { STYLES_KEY } from './style-queries';

const SOURCES: { value: StylePictureSource; label: string }[] = [
  { value: 'BOTH', label: 'Photos and queries' },
  { value: 'QUERIES', label: 'Queries alone' },
  { value: 'PHOTOS', label: 'Photos alone' },
];

/** Builds a style space: of which dataset and pictures, with how many clusters. Alone on an empty page it is one button. */
export function NewStyleSpace({ isOnlyAction = false }: { isOnlyAction?: boolean }) {
  const [opened, { open, close }] = useDisclosure();
  const datasets = useQuery(datasetNamesQuery());
  const router = useRouter();
  const client = useQueryClient();
  const [form, setForm] = useState({
    datasetId: null as string | null,
    name: '',
    source: 'BOTH' as StylePictureSource,
    k: '' as number | string,
    most: '' as number | string,
    seed: 0 as number | string,
  });
  const dataset = datasets.data?.find(({ id }) => id === form.datasetId) ?? datasets.data?.[0];
  const build = useMutation({
    mutationFn: async () => {
      const { buildStyleSpace: answer } = await request(BuildStyleSpaceDocument, {
        input: {
          datasetId: dataset?.id ?? '',
          name: form.name.trim() || null,
          source: form.source,
          k: numberOrNull(form.k),
          most: numberOrNull(form.most),
          seed: numberOrNull(form.seed) ?? 0,
        },
      });
      if (answer.__typename !== 'BuildStyleSpaceSuccess')
        throw new Error('message' in answer ? answer.message : 'refused');
      return answer.styleSpace.id;
    },
    onSuccess: async (id) => {
      close();
      await client.invalidateQueries({ queryKey: STYLES_KEY });
      router.push(`/styles/${encodeURIComponent(id)}`);
    },
  });
  const failure = build.error && (
    <Text c="var(--bad)" size="sm" mt="sm" role="alert">
      {build.error.message}
    </Text>
  );
  const icon = <IconCirclesRelation size={17} stroke={1.6} aria-hidden />;
  if (isOnlyAction) {
    return (
      <>
        <Button
          leftSection={icon}
          onClick={() => build.mutate()}
          loading={build.isPending}
          disabled={!dataset}
        >
          {dataset
            ? `Build a style space from ${formatCount(dataset.imageCount)} photos and their queries`
            : 'Import photos first'}
        </Button>
        {failure}
      </>
    );
  }
  return (
    <>
      <Button leftSection={icon} onClick={open}>
        Build a style space
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title="Build a style space"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            build.mutate();
          }}
        >
          <Select
            label="Dataset"
            description="Kept as a version, so that the space always says what it was made of."
            data={datasets.data?.map(({ id, name, imageCount }) => ({
              value: id,
              label: `${name} · ${formatCount(imageCount)} photos`,
            }))}
            value={dataset?.id ?? null}
            allowDeselect={false}
            onChange={(datasetId) => setForm({ ...form, datasetId })}
          />
          <TextInput
            mt="sm"
            label="Name"
            placeholder={dataset ? `Styles of ${dataset.name}` : undefined}
            maxLength={80}
            value={form.name}
            onChange={({ currentTarget }) => setForm({ ...form, name: currentTarget.value })}
          />
          <Select
            mt="sm"
            label="Which pictures count"
            data={SOURCES}
            value={form.source}
            allowDeselect={false}
            onChange={(source) => setForm({ ...form, source: source as StylePictureSource })}
          />
          <NumberInput
            mt="sm"
            label="Clusters (K)"
            description="Left empty, the number of highest silhouette × stability is taken; the evidence is shown beside it."
            min={1}
            max={24}
            value={form.k}
            onChange={(k) => setForm({ ...form, k })}
          />
          <Group grow mt="sm" align="start">
            <NumberInput
              label="Pictures, at most"
              min={4}
              max={50_000}
              value={form.most}
              onChange={(most) => setForm({ ...form, most })}
            />
            <NumberInput
              label="Seed"
              min={0}
              value={form.seed}
              onChange={(seed) => setForm({ ...form, seed })}
            />
          </Group>
          {failure}
          <Group justify="flex-end" mt="md">
            <Button type="submit" loading={build.isPending} disabled={!dataset}>
              Build
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  );
}

const numberOrNull = (value: number | string): number | null => (typeof value === 'number' ? value : null);
