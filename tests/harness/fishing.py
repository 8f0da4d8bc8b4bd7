"""Messages of ships at fishing, for the dataset ais_scored."""
from datetime import datetime, timedelta


def run_of(seg_id, start="2020-06-01T00:00:00", count=7, lat=1.0, lon=10.0, step=0.01, ssvid="100", **more):
    """Messages of fishing every five minutes; a hundredth of a degree of the equator is 1.1 km."""
    rows = []
    for n in range(count):
        east = lon + n * step
        rows.append({"seg_id": seg_id, "ssvid": ssvid, "timestamp": (datetime.fromisoformat(start) + timedelta(minutes=5 * n)).isoformat(),
                     "lat": lat, "lon": round(east - 360 if east > 180 else east, 6), "speed_knots": 3, "score": 1, "night_loitering": 1,
                     "meters_to_prev": "", **more})
    return rows
