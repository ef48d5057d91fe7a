moved { 
  from = module.m
  to = module.n
}
