module "w" { 
  source = "./a" 
  for_each = toset(["p", "q"])
}
moved {
  from = module.a
  to = module.w["p"]
}
moved {
  from = module.a.terraform_data.r[0]
  to = module.w["q"].terraform_data.s["x"]
}
