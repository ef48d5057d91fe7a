removed { 
  from = terraform_data.a
  lifecycle { destroy = true }
}
removed { 
  from = terraform_data.b
  lifecycle { destroy = false }
}
