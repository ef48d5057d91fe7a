module "inner" { source = "./in" }
moved { 
  from = module.in
  to = module.inner
}
