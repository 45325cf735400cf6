# A healthy month of four tanks: day-to-day spread 20 %, 12 openings of the lid a day, fills.
story S0 Baseline: four healthy tanks for a month
tanks 4
end 30d
never p2
again seed 40 evaporation 9 every 30s noise 1 step 5 lids 20 hour 7
