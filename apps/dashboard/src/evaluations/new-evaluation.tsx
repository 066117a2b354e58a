import { Button, Group, Modal, NumberInput, Select, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChartDots } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/client';
import { datasetNamesQuery } from '../datasets/dataset-queries';
import { EvaluateDocument } from '../generated/graphql';
import { formatCount } from '../ui/format';
import { EVALUATIONS_KEY, encodersQuery } from './evaluation-queries';

/** Starts an evaluation: of which encoder, on which dataset. Alone on an empty page it is one button that knows both. */
export function NewEvaluation({ isOnlyAction = false }: { isOnlyAction?: boolean }) {
  const [opened, { open, close }] = useDisclosure();
  const datasets = useQuery(datasetNamesQuery());
  const encoders = useQuery(encodersQuery());
  const [datasetId, setDatasetId] = useState<string | null>(null);
  const [encoder, setEncoder] = useState<string | null>(null);
  const [perStyle, setPerStyle] = useState<number | string>('');
  const queryClient = useQueryClient();
  const evaluate = useMutation({
    mutationFn: async () => {
      const { evaluate: answer } = await request(EvaluateDocument, {
        datasetId: dataset?.id ?? '',
        encoder: live?.id ?? '',
        perStyle: typeof perStyle === 'number' ? perStyle : null,
      });
      if (answer.__typename !== 'EvaluateSuccess')
        throw new Error('message' in answer ? answer.message : 'refused');
    },
    onSuccess: () => {
      close();
      return queryClient.invalidateQueries({ queryKey: EVALUATIONS_KEY });
    },
  });
  const dataset = datasets.data?.find(({ id }) => id === datasetId) ?? datasets.data?.[0];
  const live =
    encoders.data?.find(({ id }) => id === encoder) ??
    encoders.data?.find(({ isLive }) => isLive) ??
    encoders.data?.[0];
  const failure = evaluate.error && (
    <Text c="var(--bad)" size="sm" role="alert">
      {evaluate.error.message}
    </Text>
  );
  if (isOnlyAction) {
    return (
      <>
        <Button
          leftSection={<IconChartDots size={17} stroke={1.6} aria-hidden />}
          onClick={() => evaluate.mutate()}
          loading={evaluate.isPending}
          disabled={!dataset || !live}
        >
          {dataset
            ? `Evaluate the live model on ${formatCount(dataset.imageCount)} photos`
            : 'Import photos first'}
        </Button>
        {failure}
      </>
    );
  }
  return (
    <>
      <Button leftSection={<IconChartDots size={17} stroke={1.6} aria-hidden />} onClick={open}>
        New evaluation
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title="New evaluation"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Select
          label="Query encoder"
          data={encoders.data?.map(({ id, name, isLive }) => ({
            value: id,
            label: isLive ? `${name} (live)` : name,
          }))}
          value={live?.id ?? null}
          allowDeselect={false}
          onChange={setEncoder}
        />
        <Select
          mt="sm"
          label="Dataset"
          description="Kept as a version, so that the figures always say what they were made on."
          data={datasets.data?.map(({ id, name, imageCount }) => ({
            value: id,
            label: `${name} · ${formatCount(imageCount)} photos`,
          }))}
          value={dataset?.id ?? null}
          allowDeselect={false}
          onChange={setDatasetId}
        />
        <NumberInput
          mt="sm"
          label="Queries of each style, at most"
          description="All of them, where nothing is given. The gallery is always whole."
          min={1}
          value={perStyle}
          onChange={setPerStyle}
        />
        {failure}
        <Group justify="flex-end" mt="md">
          <Button onClick={() => evaluate.mutate()} loading={evaluate.isPending} disabled={!dataset || !live}>
            Evaluate
          </Button>
        </Group>
      </Modal>
    </>
  );
}
