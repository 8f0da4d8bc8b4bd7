import { describe, expect, it } from 'vitest';
import { ColumnsProblem, FileProblem, formOf, readCsv, readGeoJson } from '../src/local/read';
import { guessColumns, likelyColumns, missingColumns } from '../src/pure/columns';

const noon = Date.UTC(2025, 0, 1, 12);

describe('columns are guessed', () => {
  it.each([
    [['lat', 'lon', 'timestamp', 'mmsi'], 'lat', 'lon', 'timestamp', 'mmsi'],
    [['Latitude', 'Longitude', 'DateTime', 'Vessel_ID'], 'Latitude', 'Longitude', 'DateTime', 'Vessel_ID'],
    [['id', 'lng', 'latitude', 'time', 'cab_name'], 'latitude', 'lng', 'time', 'cab_name'],
    [['mmsi', 'event_ts', 'latitude', 'longitude'], 'latitude', 'longitude', 'event_ts', 'mmsi'],
    [['MMSI', 'BaseDateTime', 'LAT', 'LON', 'SOG'], 'LAT', 'LON', 'BaseDateTime', 'MMSI'],
    [['medallion', 'lat', 'lon', 'time'], 'lat', 'lon', 'time', 'medallion'],
  ])('%j', (header, lat, lon, time, id) => {
    expect(guessColumns(header)).toMatchObject({ lat, lon, time, id });
  });

  it('a known vessel column wins over a plain id', () => {
    expect(guessColumns(['id', 'vehicle_id', 'mmsi']).id).toBe('mmsi');
  });

  it('what is missing is said in words', () => {
    const columns = guessColumns(['a', 'lat']);
    expect(missingColumns(columns, ['a', 'lat'])).toBe(
      'The file has no column for a longitude (lon, lng, longitude) and for a time (timestamp, time, datetime, ' +
        'event_ts, base_date_time, basedatetime, ts, times). Its columns: a, lat.',
    );
    expect(missingColumns(guessColumns(['lat', 'lon', 'time']), [])).toBeNull();
  });
});

describe('a CSV file', () => {
  it('as seine export tracks writes it', () => {
    const text =
      'mmsi,event_ts,latitude,longitude\n367000001,2025-01-01T12:00:00Z,34.1,-120\n367000002,2025-01-01T12:00:01Z,34,-119\n';
    const file = readCsv('t.csv', text, null);
    expect(file.tracks.map((track) => [track.id, track.points])).toEqual([
      ['367000001', [[noon, -120, 34.1, null]]],
      ['367000002', [[noon + 1000, -119, 34, null]]],
    ]);
    expect([file.rows, file.refused, file.tracksTotal]).toEqual([2, 0, 2]);
  });

  it('with a mark, quotes, semicolons and bad rows', () => {
    const text =
      '\uFEFFname;time;lat;lon;mmsi\n"a; ""b""";2025-01-01 12:00:00;1;2;9\nx;not a time;1;2;9\nx;2025-01-01;91;2;9\n';
    const file = readCsv('t.csv', text, null);
    expect(file.tracks[0]?.points).toEqual([[noon, 2, 1, null]]);
    expect([file.rows, file.refused]).toEqual([3, 2]);
  });

  it('with columns chosen by hand', () => {
    const columns = { id: 'who', time: 'when', lat: 'y', lon: 'x', speed: 'v' };
    const file = readCsv('t.csv', 'who,when,x,y,v\nme,1735732800,3,4,5.5\n', columns);
    expect(file.tracks[0]).toMatchObject({ id: 'me', points: [[noon, 3, 4, 5.5]] });
  });

  it('without an id is one track', () => {
    const file = readCsv('t.csv', 'lat,lon,time\n1,2,2025-01-01\n2,3,2025-01-02\n', null);
    expect(file.tracks.map((track) => track.points.length)).toEqual([2]);
  });

  it('keeps the 200 tracks with most positions', () => {
    const rows = Array.from(
      { length: 250 },
      (_, id) => `${id},2025-01-01,1,2\n${id === 7 ? '7,2025-01-02,1,2\n' : ''}`,
    );
    const file = readCsv('t.csv', `mmsi,time,lat,lon\n${rows.join('')}`, null);
    expect([file.tracks.length, file.tracksTotal, file.tracks[0]?.id]).toEqual([200, 250, '7']);
  });

  it('keeps no more positions than can be drawn, with both ends of each track', () => {
    const rows = Array.from({ length: 250_000 }, (_, index) => `a,${1_700_000_000 + index},1,2\n`);
    const [track] = readCsv('t.csv', `mmsi,time,lat,lon\n${rows.join('')}`, null).tracks;
    expect([track?.pointsTotal, track?.points.length]).toEqual([250_000, 200_000]);
    expect(track?.points.at(-1)?.[0]).toBe((1_700_000_000 + 249_999) * 1000);
  });

  it.each([
    ['', 'is empty'],
    ['a,b\n1,2\n', 'has no column for a latitude'],
    ['lat,lon,time\nx,y,z\n', 'none of its 1 rows'],
  ])('that cannot be used says why: %j', (text, words) => {
    expect(() => readCsv('t.csv', text, null)).toThrow(words);
  });
});

describe('a GeoJSON file', () => {
  const collection = (features: unknown[]) => JSON.stringify({ type: 'FeatureCollection', features });

  it('as seine export tracks writes it: a line with its times', () => {
    const feature = {
      type: 'Feature',
      properties: { mmsi: '1', name: 'NORDIC', times: ['2025-01-01T12:00:00Z', '2025-01-01T12:00:01Z'] },
      geometry: {
        type: 'LineString',
        coordinates: [
          [1, 2],
          [3, 4],
        ],
      },
    };
    expect(readGeoJson('t.geojson', collection([feature])).tracks).toEqual([
      {
        id: '1',
        name: 'NORDIC',
        pointsTotal: 2,
        points: [
          [noon, 1, 2, null],
          [noon + 1000, 3, 4, null],
        ],
      },
    ]);
  });

  it('cut at 180° into several lines', () => {
    const feature = {
      type: 'Feature',
      properties: {
        mmsi: '1',
        times: [
          ['2025-01-01T12:00:00Z', '2025-01-01T12:00:01Z'],
          ['2025-01-01T12:00:01Z', '2025-01-01T12:00:02Z'],
        ],
      },
      geometry: {
        type: 'MultiLineString',
        coordinates: [
          [
            [179, 0],
            [180, 0],
          ],
          [
            [-180, 0],
            [-179, 0],
          ],
        ],
      },
    };
    const [track] = readGeoJson('t.geojson', collection([feature])).tracks;
    expect(track?.points.map((point) => point[1])).toEqual([179, 180, -180, -179]);
  });

  it('of points with a time each', () => {
    const point = (id: number, time: string, lon: number) => ({
      type: 'Feature',
      properties: { vessel_id: id, timestamp: time, sog: 3 },
      geometry: { type: 'Point', coordinates: [lon, 0] },
    });
    const file = readGeoJson('t.json', collection([point(1, '2025-01-02', 2), point(1, '2025-01-01', 1)]));
    expect(file.tracks[0]?.points.map((place) => [place[1], place[3]])).toEqual([
      [1, 3],
      [2, 3],
    ]);
  });

  it.each([
    ['{', 'is no JSON'],
    ['[]', 'is no GeoJSON feature collection'],
    [collection([]), 'holds no points'],
    [
      collection([{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [1, 2] } }]),
      'no position has a time',
    ],
  ])('that cannot be used says why: %s', (text, words) => {
    expect(() => readGeoJson('t.geojson', text)).toThrow(words);
  });

  it('is read by the property that is chosen for the time', () => {
    const text = collection([
      {
        type: 'Feature',
        properties: { seen: '2025-01-01', who: 'A' },
        geometry: { type: 'Point', coordinates: [1, 2] },
      },
    ]);
    expect(() => readGeoJson('t.geojson', text)).toThrow(ColumnsProblem);
    const chosen = { id: 'who', time: 'seen', lat: null, lon: null, speed: null };
    expect(readGeoJson('t.geojson', text, chosen).tracks).toMatchObject([
      { id: 'A', points: [[Date.UTC(2025, 0, 1), 1, 2, null]] },
    ]);
  });
});

describe('a file whose columns have other names', () => {
  it('says what they are called, and is read once they are chosen', () => {
    const text = 'Schiff,Zeitpunkt,Breite,Länge\nA,2025-01-01T00:00:00Z,1,2\n';
    let problem: unknown;
    try {
      readCsv('t.csv', text, null);
    } catch (cause) {
      problem = cause;
    }
    expect(problem).toBeInstanceOf(ColumnsProblem);
    expect((problem as ColumnsProblem).header).toEqual(['Schiff', 'Zeitpunkt', 'Breite', 'Länge']);
    const chosen = { id: 'Schiff', time: 'Zeitpunkt', lat: 'Breite', lon: 'Länge', speed: null };
    expect(readCsv('t.csv', text, chosen).tracks).toMatchObject([
      { id: 'A', points: [[Date.UTC(2025, 0, 1), 2, 1, null]] },
    ]);
  });

  it('is guessed from parts of the names, each column for one thing only', () => {
    expect(likelyColumns(['ship_name', 'pos_lat', 'pos_lon', 'seen_at_utc_time', 'date', 'speed_over_ground'])).toEqual(
      {
        id: 'ship_name',
        lat: 'pos_lat',
        lon: 'pos_lon',
        time: 'seen_at_utc_time',
        speed: 'speed_over_ground',
      },
    );
    expect(likelyColumns(['mmsi', 'lat', 'x', 'time', 'vessel'])).toMatchObject({
      id: 'mmsi',
      lat: 'lat',
      lon: 'x',
      time: 'time',
    });
    expect(likelyColumns(['a', 'b'])).toEqual({ id: null, time: null, lat: null, lon: null, speed: null });
  });
});

describe('the form of a file', () => {
  it('follows from its name', () => {
    expect(['a.CSV', 'a.geojson', 'a.json', 'a.parquet'].map(formOf)).toEqual(['csv', 'geojson', 'geojson', 'parquet']);
    expect(() => formOf('a.xlsx')).toThrow(FileProblem);
  });
});
