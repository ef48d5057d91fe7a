moved { 
  from = terraform_data.x
  to = module.n.terraform_data.x
}
